"""The stage: paints the frames that lessons make, and tells where the learner points."""
