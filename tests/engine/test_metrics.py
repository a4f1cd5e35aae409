"""Metrics: Keras's own results, plain counts over random batches, the choice of an accuracy."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import losses, metrics

few = settings(max_examples=25, deadline=None)

BINARY = [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
ONE_HOT = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
CLASSES = [1, 0, 2, 1]
OUTPUTS = [[0.1, 0.7, 0.2], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]
WEIGHTS = [0.5, 2.0, 1.0, 0.25]

# Keras 3.15.1 on PyTorch 2.13: the result after two batches, (target, OUTPUTS) without weights and
# the same again with WEIGHTS, to 7 digits. OUTPUTS has ties on purpose.
GOLDEN = [
    ("BinaryAccuracy", {}, "binary", 0.4301075),
    ("BinaryAccuracy", {"threshold": 0.25}, "binary", 0.4731183),
    ("CategoricalAccuracy", {}, "one-hot", 0.1935484),
    ("SparseCategoricalAccuracy", {}, "classes", 0.1935484),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot", 1),
    ("SparseTopKCategoricalAccuracy", {"k": 1}, "classes", 0.1935484),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes", 1),
    ("Precision", {}, "binary", 0.5454546),
    ("Precision", {"thresholds": [0.2, 0.25, 0.55]}, "binary", [0.5352113, 0.5454546, 0.5454546]),
    ("Precision", {"class_id": 1, "thresholds": 0.22}, "binary", 0.2307692),
    ("Precision", {"top_k": 1}, "binary", 0.5806451),
    ("Recall", {}, "binary", 0.1111111),
    ("Recall", {"thresholds": [0.0, 0.5, 1.0]}, "binary", [1, 0.1111111, 0]),
    ("Recall", {"class_id": 2, "thresholds": 0.3}, "binary", 0.4615385),
    ("AUC", {}, "binary", 0.4567901),
    ("AUC", {"num_thresholds": 7}, "binary", 0.5555555),
    ("AUC", {"num_thresholds": 3}, "binary", 0.491453),
    ("AUC", {"summation_method": "minoring"}, "binary", 0.4074074),
    ("AUC", {"summation_method": "majoring"}, "binary", 0.5061728),
    ("AUC", {"thresholds": [0.22, 0.5]}, "binary", 0.4306743),
    ("AUC", {"from_logits": True}, "binary", 0.4567901),
    ("AUC", {"curve": "PR"}, "binary", 0.5919483),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "binary", 0.6338918),
    ("MeanSquaredError", {}, "binary", 0.3324731),
    ("RootMeanSquaredError", {}, "binary", 0.5766048),
    ("MeanAbsoluteError", {}, "binary", 0.5311828),
    ("BinaryCrossentropy", {}, "binary", 0.8791928),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "binary", 0.8733828),
    ("CategoricalCrossentropy", {}, "one-hot", 1.152428),
    ("SparseCategoricalCrossentropy", {}, "classes", 1.152428),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "classes", 1.095781),
    ("KLDivergence", {}, "one-hot", 1.152425),
    ("Hinge", {}, "binary", 0.9505375),
]
TARGETS = {"binary": BINARY, "one-hot": ONE_HOT, "classes": CLASSES}


@pytest.mark.parametrize(("name", "arguments", "target", "expected"), GOLDEN)
def test_results_are_those_of_keras(name, arguments, target, expected):
    metric = metrics.get({"class_name": name, "config": arguments})
    metric.update(TARGETS[target], np.float32(OUTPUTS))
    metric.update(TARGETS[target], np.float32(OUTPUTS), WEIGHTS)
    # 7 digits are written down; Keras adds up in float32, this in float64.
    np.testing.assert_allclose(metric.result(), expected, rtol=5e-7)


def batches(rng, classes, count=4):
    """Scores with ties, one-hot targets, class numbers and weights."""
    for _ in range(count):
        size = int(rng.integers(1, 7))
        numbers = rng.integers(0, classes, size)
        scores = np.round(rng.random((size, classes)), 1)
        yield np.eye(classes)[numbers], numbers, scores, rng.integers(0, 4, size) / 2


@few
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 5), weigh=st.booleans())
def test_accuracies_count_hits_by_weight(seed, classes, weigh):
    rng = np.random.default_rng(seed)
    dense, sparse = metrics.CategoricalAccuracy(), metrics.SparseCategoricalAccuracy()
    hits = total = 0.0
    for one_hot, numbers, scores, weight in batches(rng, classes):
        given_weight = weight if weigh else None
        dense.update(one_hot, scores, given_weight)
        sparse.update(numbers[:, np.newaxis], scores, given_weight)
        for number, row, each in zip(numbers, scores.tolist(), weight, strict=True):
            counted = each if weigh else 1.0
            hits += counted * (row.index(max(row)) == number)
            total += counted
    expected = hits / total if total else 0
    assert dense.result() == pytest.approx(expected, rel=1e-12)
    assert sparse.result() == pytest.approx(expected, rel=1e-12)


@few
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 5), k=st.integers(1, 6))
def test_a_tie_at_the_end_of_the_largest_k_counts_as_among_them(seed, classes, k):
    rng = np.random.default_rng(seed)
    dense = metrics.TopKCategoricalAccuracy(k)
    sparse = metrics.SparseTopKCategoricalAccuracy(k)
    hits = []
    for one_hot, numbers, scores, _ in batches(rng, classes):
        dense.update(one_hot, scores)
        sparse.update(numbers, scores)
        for number, row in zip(numbers, scores.tolist(), strict=True):
            hits.append(row[number] >= sorted(row, reverse=True)[min(k, classes) - 1])
    assert dense.result() == pytest.approx(np.mean(hits), rel=1e-12)
    assert sparse.result() == pytest.approx(np.mean(hits), rel=1e-12)


def test_top_k_of_class_numbers_that_are_sorted_already():
    metric = metrics.SparseTopKCategoricalAccuracy(2, from_sorted_ids=True)
    metric.update([3, 1, 0], [[3, 1, 0], [2, 0, 1], [1, 0, 2]])
    assert metric.result() == pytest.approx(2 / 3)


def test_nan_is_among_no_largest():
    metric = metrics.SparseTopKCategoricalAccuracy(1)
    metric.update([0], [[np.nan, 1.0]])
    assert metric.result() == 0


def counted(kind, true, said, weight):
    hits = sum(w for t, s, w in zip(true, said, weight, strict=True) if t and s)
    of = said if kind is metrics.Precision else true
    total = sum(w for each, w in zip(of, weight, strict=True) if each)
    return hits / total if total else 0.0


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.Recall])
@few
@given(seed=st.integers(0, 2**32 - 1), weigh=st.booleans())
def test_precision_and_recall_count_hits_at_each_threshold(kind, seed, weigh):
    rng = np.random.default_rng(seed)
    thresholds = [0.2, 0.5, 0.7]
    several, one = kind(thresholds=thresholds), kind()
    true, scores, weights = [], [], []
    for _ in range(3):
        target = rng.integers(0, 2, (4, 3))
        # In float32, 0.2 and 0.7 are what the thresholds are rounded to: not above them.
        output = np.round(rng.random((4, 3)), 1).astype(np.float32)
        weight = rng.integers(0, 4, 4) / 2 if weigh else None
        several.update(target, output, weight)
        one.update(target, output, weight)
        true += target.ravel().tolist()
        scores += np.round(output.astype(float), 1).ravel().tolist()
        weights += np.repeat(np.ones(4) if weight is None else weight, 3).tolist()
    expected = [counted(kind, true, [s > t for s in scores], weights) for t in thresholds]
    np.testing.assert_allclose(several.result(), expected, rtol=1e-12)
    assert one.result() == pytest.approx(expected[1], rel=1e-12)


def test_precision_of_the_largest_k_and_of_one_class():
    target, output = [[0, 1, 1, 0], [1, 0, 0, 1]], [[0.1, 0.4, 0.3, 0.2], [0.1, 0.6, 0.2, 0.1]]
    largest = metrics.Precision(top_k=2)
    largest.update(target, output)
    assert largest.result() == 2 / 4
    recalled = metrics.Recall(top_k=2)
    recalled.update(target, output)
    assert recalled.result() == 2 / 4
    above = metrics.Precision(thresholds=0.35, top_k=2)
    above.update(target, output)
    assert above.result() == 1 / 2
    single = metrics.Precision(thresholds=0.35, class_id=1)
    single.update(target, output)
    assert single.result() == 1 / 2
    weighted = metrics.Precision(thresholds=0.35, class_id=1)
    weighted.update(target, output, [3.0, 1.0])
    assert weighted.result() == 3 / 4


@few
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 5), weigh=st.booleans())
def test_the_confusion_matrix_counts_every_sample_once(seed, classes, weigh):
    rng = np.random.default_rng(seed)
    matrix, dense = metrics.ConfusionMatrix(), metrics.ConfusionMatrix(classes)
    expected = np.zeros((classes, classes))
    for one_hot, numbers, scores, weight in batches(rng, classes):
        matrix.update(numbers, scores, weight if weigh else None)
        dense.update(one_hot, scores, weight if weigh else None)
        for number, row, each in zip(numbers, scores.tolist(), weight, strict=True):
            expected[number, row.index(max(row))] += each if weigh else 1
    np.testing.assert_array_equal(matrix.result(), expected)
    np.testing.assert_array_equal(dense.result(), expected)


def test_the_confusion_matrix_of_yes_and_no():
    matrix = metrics.ConfusionMatrix(threshold=0.4)
    matrix.update([0, 1, 1, 0], [[0.1], [0.45], [0.3], [0.9]])
    matrix.update([[1]], [[0.8]])
    np.testing.assert_array_equal(matrix.result(), [[1, 1], [1, 2]])
    matrix.reset()
    matrix.update([1], [[0.8]])
    np.testing.assert_array_equal(matrix.result(), [[0, 0], [0, 1]])


def test_the_confusion_matrix_of_two_lists():
    found = metrics.confusion_matrix([0, 1, 2, 1], [0, 2, 2, 1])
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
    found = metrics.confusion_matrix([1, 1], [0, 0], num_classes=2, weights=[0.5, 2])
    np.testing.assert_array_equal(found, [[0, 0], [2.5, 0]])
    with pytest.raises(ValueError, match="from 0 to 2, but there are 2"):
        metrics.confusion_matrix([0, 2], [0, 1], num_classes=2)
    with pytest.raises(ValueError, match="lists of the same length"):
        metrics.confusion_matrix([0, 2], [0])


def test_binary_accuracy_is_above_the_threshold_and_not_at_it():
    metric = metrics.BinaryAccuracy(threshold=0.3)
    metric.update([0, 0, 1, 1], np.float32([[0.3], [0.31], [0.3], [0.31]]))
    assert metric.result() == 0.5


def test_means_over_further_axes_and_weights_for_each_value():
    mean = metrics.Mean()
    mean.update([[1.0, 3.0], [5.0, 7.0]])
    assert mean.result() == 4
    mean.update(10.0)
    assert mean.result() == (2 + 6 + 10) / 3
    mean.reset()
    mean.update([[1.0, 3.0], [5.0, 7.0]], [1.0, 3.0])
    assert mean.result() == (2 + 3 * 6) / 4
    mean.reset()
    mean.update([[1.0, 3.0], [5.0, 7.0]], [[1.0, 0.0], [1.0, 1.0]])
    assert mean.result() == pytest.approx((0.5 + 6) / 1.5)


@pytest.mark.parametrize("name", ["accuracy", "acc", "precision", "mse", "confusion_matrix"])
def test_state_is_reset_copied_and_put_back(name):
    first, second = (metrics.get(name, None, (1,), (1,)) for _ in range(2))
    first.update([[1.0], [0.0]], [[0.9], [0.8]])
    result = np.array(first.result())
    second.state = copy.deepcopy(first.state)
    for metric in (first, second):
        metric.update([[0.0]], [[0.2]])
    np.testing.assert_array_equal(first.result(), second.result())
    first.reset()
    first.update([[1.0], [0.0]], [[0.9], [0.8]])
    np.testing.assert_array_equal(first.result(), result)


@pytest.mark.parametrize("name", ["mean", "mse", "precision", "binary_accuracy", "rmse"])
def test_nothing_counted_is_0(name):
    name = "root_mean_squared_error" if name == "rmse" else name
    assert metrics.get(name).result() == 0


def test_kerass_names_for_the_same():
    metric = metrics.MeanSquaredError()
    assert metric([[1.0]], [[3.0]]) == 4
    metric.update_state([[1.0]], [[1.0]])
    assert metric.result() == 2
    metric.reset_state()
    assert metric.result() == 0


SPARSE = losses.SparseCategoricalCrossentropy()


@pytest.mark.parametrize(
    ("loss", "output", "target", "kind"),
    [
        (losses.BinaryCrossentropy(), (1,), (1,), metrics.BinaryAccuracy),
        (losses.BinaryCrossentropy(), (1,), (), metrics.BinaryAccuracy),
        (losses.MeanSquaredError(), (1,), (), metrics.BinaryAccuracy),
        (SPARSE, (10,), (), metrics.SparseCategoricalAccuracy),
        (SPARSE, (10,), (1,), metrics.SparseCategoricalAccuracy),
        (SPARSE, (10,), None, metrics.SparseCategoricalAccuracy),
        (SPARSE, (7, 10), (7,), metrics.SparseCategoricalAccuracy),
        (losses.CategoricalCrossentropy(), (10,), (10,), metrics.CategoricalAccuracy),
        (losses.CategoricalCrossentropy(), (10,), None, metrics.CategoricalAccuracy),
        # As in Keras 3, several probabilities count as classes whatever the loss.
        (losses.BinaryCrossentropy(), (3,), (3,), metrics.CategoricalAccuracy),
    ],
)
@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_an_accuracy_is_chosen_as_in_keras(loss, output, target, kind, name):
    metric = metrics.get(name, loss, output, target)
    assert type(metric) is kind
    assert metric.name == name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("binary_accuracy", metrics.BinaryAccuracy),
        ("categorical_accuracy", metrics.CategoricalAccuracy),
        ("sparse_categorical_accuracy", metrics.SparseCategoricalAccuracy),
        ("top_k_categorical_accuracy", metrics.TopKCategoricalAccuracy),
        ("SparseTopKCategoricalAccuracy", metrics.SparseTopKCategoricalAccuracy),
        ("mse", metrics.MeanSquaredError),
        ("mae", metrics.MeanAbsoluteError),
        ("MeanAbsoluteError", metrics.MeanAbsoluteError),
        ("root_mean_squared_error", metrics.RootMeanSquaredError),
        ("precision", metrics.Precision),
        ("Recall", metrics.Recall),
        ("binary_crossentropy", metrics.BinaryCrossentropy),
        ("categorical_crossentropy", metrics.CategoricalCrossentropy),
        ("sparse_categorical_crossentropy", metrics.SparseCategoricalCrossentropy),
        ("kl_divergence", metrics.KLDivergence),
        ("hinge", metrics.Hinge),
        ("confusion_matrix", metrics.ConfusionMatrix),
    ],
)
def test_names(name, kind):
    metric = metrics.get(name)
    assert type(metric) is kind
    assert metric.name == name
    assert type(metrics.get(kind)) is kind
    assert metrics.get(metric) is metric


def test_losses_and_functions_are_averaged():
    own = metrics.get(lambda y_true, y_pred: np.max(np.abs(y_true - y_pred), -1))
    own.update(np.zeros((2, 2)), np.array([[1.0, -3.0], [2.0, 0.0]]))
    assert own.result() == 2.5
    huber = metrics.get(losses.Huber(delta=2.0))
    huber.update([[0.0]], [[3.0]])
    assert huber.result() == 4
    assert huber.name == "huber_loss"
    function = metrics.get(losses.mean_absolute_error)
    assert function.name == "mean_absolute_error"
    assert function([[1.0]], [[3.0]]) == 2


def test_what_is_refused():
    with pytest.raises(ValueError, match="no metric 'presicion': did you mean 'precision'"):
        metrics.get("presicion")
    with pytest.raises(TypeError, match="is no metric"):
        metrics.get(3)
    with pytest.raises(TypeError, match="'treshold': did you mean 'threshold'"):
        metrics.BinaryAccuracy(treshold=0.5)
    with pytest.raises(ValueError, match="is not known yet"):
        metrics.get("accuracy")
    with pytest.raises(ValueError, match="must be a number between 0 and 1"):
        metrics.Precision(thresholds=[0.5, 1.5])
    with pytest.raises(ValueError, match="class_id 3"):
        metrics.Precision(class_id=3).update([[0, 1]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="k is 0"):
        metrics.TopKCategoricalAccuracy(0).update(ONE_HOT, OUTPUTS)
    with pytest.raises(ValueError, match="run from 0 to 3, but 3 outputs"):
        metrics.SparseTopKCategoricalAccuracy(1).update([0, 3, 0, 0], OUTPUTS)
    with pytest.raises(ValueError, match="both must have the same"):
        metrics.CategoricalAccuracy().update(CLASSES, OUTPUTS)
    with pytest.raises(ValueError, match=r"need class numbers of the shape \(4,\)"):
        metrics.SparseCategoricalAccuracy().update(ONE_HOT, OUTPUTS)


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.MeanSquaredError])
def test_weights_that_do_not_fit_are_refused(kind):
    with pytest.raises(ValueError, match="give one weight for each sample"):
        kind().update(BINARY, OUTPUTS, [1.0, 2.0])


@few
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_the_area_is_how_often_a_yes_is_above_a_no(seed, count):
    """With thresholds between all outputs it is the exact one (Mann and Whitney 1947)."""
    rng = np.random.default_rng(seed)
    said = rng.integers(0, 40, count) / 40
    true = (said + rng.normal(0, 0.4, count) > 0.5).astype(int)
    true[:2] = 0, 1
    metric = metrics.AUC(num_thresholds=81)
    for half in (slice(0, count // 2), slice(count // 2, None)):
        metric.update(true[half], np.float32(said[half]))
    yes, no = said[true == 1][:, np.newaxis], said[true == 0]
    assert metric.result() == pytest.approx(((yes > no) + (yes == no) / 2).mean(), abs=1e-9)


def test_an_area_is_of_probabilities_and_of_both_answers():
    metric = metrics.AUC()
    assert metric.result() == 0
    metric.update([1, 1], [0.2, 0.9])
    assert metric.result() == 0, "there is nothing to tell them from"
    metric.reset()
    metric.update([1, 0, 1, 0], [2.0, -1.0, 0.3, 0.7])
    assert metric.result() == pytest.approx(0.75), "what lies beyond counts as 0 or 1"
    metric.update([0, 1], [np.nan, np.inf])  # of a run that diverged
    assert np.isfinite(metric.result())
    with pytest.raises(ValueError, match="curve is 'POC'"):
        metrics.AUC(curve="POC")
    assert metrics.get("auc").name == "auc"
    assert metrics.get("AUC").name == "AUC"
