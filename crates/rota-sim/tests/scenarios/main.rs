//! What Rota decides, as pages: each test is a rule, its name is the rule in a sentence.

mod arrays;
mod asked;
mod backfill;
mod begin;
mod bookings;
mod budgets;
mod claims;
mod classes;
mod dependencies;
mod faults;
mod fitness;
mod gangs;
mod idle;
mod limits;
mod models;
mod nearness;
mod order;
mod parts;
mod placement;
mod promise;
mod rights;
mod slices;
mod turns;
mod walltime;
