"""Restricted Boltzmann machines: one step of Gibbs sampling at a time, and contrastive divergence.

Formulas and signs as in Hinton 2012, "A practical guide to training restricted Boltzmann machines".
"""

from simulator.engine.rbm.machine import BernoulliRBM
from simulator.engine.rbm.parts import Contrast, GibbsStep, RBMBatchEnd, RBMSnapshot

__all__ = ["BernoulliRBM", "Contrast", "GibbsStep", "RBMBatchEnd", "RBMSnapshot"]
