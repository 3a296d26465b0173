//! From wire to model and back, as functions.
