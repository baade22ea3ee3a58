//! What Rota decides, as pages: each test is a rule, its name is the rule in a sentence.

mod arrays;
mod asked;
mod backfill;
mod dependencies;
mod faults;
mod gangs;
mod order;
mod placement;
mod turns;
mod walltime;
