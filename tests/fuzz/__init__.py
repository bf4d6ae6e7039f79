"""The whole API and every form, with whatever a machine can think of."""
