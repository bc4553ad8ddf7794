"""The attacks of the design, automated under their numbers: each must fail, through every door that exists."""
