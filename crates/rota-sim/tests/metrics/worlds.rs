//! What holds in every simulated world.
