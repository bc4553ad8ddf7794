"""What every app stands on: public ids, the base of our models, domain errors, the shape of a verb."""
