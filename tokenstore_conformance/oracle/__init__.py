"""What a correct store answers: a model for each generation, and the linearizability check."""
