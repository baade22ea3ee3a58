//! Runs the decision function on a simulated clock.
