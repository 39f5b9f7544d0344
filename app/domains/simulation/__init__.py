"""The simulation's clock, which the operator can advance, and the simulated carrier's script."""
