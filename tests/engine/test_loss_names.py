"""Losses by name, by function and by shape, and what is refused."""

import numpy as np
import pytest

from simulator.engine import losses

ONE_HOT = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
PROBABILITIES = [[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]]
LOGITS = [[-1.0, 2.0, 0.5], [0.2, -0.3, 1.5]]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mse", losses.MeanSquaredError),
        ("MSE", losses.MeanSquaredError),
        ("mean_squared_error", losses.MeanSquaredError),
        ("MeanSquaredError", losses.MeanSquaredError),
        ("mae", losses.MeanAbsoluteError),
        ("huber", losses.Huber),
        ("binary_crossentropy", losses.BinaryCrossentropy),
        ("bce", losses.BinaryCrossentropy),
        ("categorical_crossentropy", losses.CategoricalCrossentropy),
        ("sparse_categorical_crossentropy", losses.SparseCategoricalCrossentropy),
        ("kld", losses.KLDivergence),
        ("kl_divergence", losses.KLDivergence),
        ("hinge", losses.Hinge),
    ],
)
def test_names(name, kind):
    loss = losses.get(name)
    assert isinstance(loss, kind)
    assert loss.name == name


def test_functions_classes_and_objects():
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    assert losses.Huber().name == "huber_loss"
    own = losses.Huber(0.5)
    assert losses.get(own) is own
    assert losses.get(losses.mean_squared_error) == losses.MeanSquaredError()
    np.testing.assert_allclose(losses.mean_squared_error([[0, 2]], [[1.0, 4.0]]), [2.5])
    np.testing.assert_allclose(losses.huber([[0.0]], [[3.0]], delta=2.0), [4.0])


@pytest.mark.parametrize(
    ("output", "target", "kind"),
    [
        ((1,), (1,), losses.BinaryCrossentropy),
        ((10,), (), losses.SparseCategoricalCrossentropy),
        ((10,), (1,), losses.SparseCategoricalCrossentropy),
        ((10,), (10,), losses.CategoricalCrossentropy),
        ((5, 10), (5,), losses.SparseCategoricalCrossentropy),
    ],
)
def test_crossentropy_is_chosen_by_the_shapes(output, target, kind):
    assert isinstance(losses.get("crossentropy", output, target), kind)
    assert losses.get("ce", output, target).name == "ce"


def test_what_is_refused():
    with pytest.raises(ValueError, match="are not known yet"):
        losses.get("crossentropy")
    with pytest.raises(ValueError, match="no loss 'mean_square_error': did you mean 'mean_squa"):
        losses.get("mean_square_error")
    with pytest.raises(TypeError, match="without a derivative"):
        losses.get(lambda t, y: y - t)
    with pytest.raises(TypeError, match="'from_logit': did you mean 'from_logits'"):
        losses.BinaryCrossentropy(from_logit=True)
    with pytest.raises(ValueError, match="reduction is 'summ': did you mean 'sum'"):
        losses.MeanSquaredError(reduction="summ")
    with pytest.raises(ValueError, match=r"label_smoothing is 1\.5"):
        losses.CategoricalCrossentropy(label_smoothing=1.5)
    with pytest.raises(ValueError, match="delta is 0"):
        losses.Huber(delta=0)


@pytest.mark.parametrize("target", [(2, 4), (3, 3), (2, 2, 3)])
def test_shapes_that_do_not_fit_are_refused(target):
    with pytest.raises(ValueError, match=r"mean_squared_error: the targets .* \(2, 3\)"):
        losses.MeanSquaredError()(np.zeros(target), np.zeros((2, 3)))


def test_targets_that_are_no_class_numbers_are_refused():
    loss = losses.SparseCategoricalCrossentropy()
    with pytest.raises(ValueError, match="choose categorical_crossentropy"):
        loss(ONE_HOT, PROBABILITIES)
    with pytest.raises(ValueError, match=r"need class numbers of the shape \(2,\)"):
        loss([0, 1, 2], PROBABILITIES)
    with pytest.raises(ValueError, match="run from 0 to 3, but 3 outputs"):
        loss([0, 3], PROBABILITIES)
    with pytest.raises(ValueError, match="run from -1 to 0"):
        loss.gradient([0, -1], PROBABILITIES)


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="give one weight for each sample"):
        losses.MeanSquaredError()(ONE_HOT, LOGITS, [1.0, 2.0, 3.0])
