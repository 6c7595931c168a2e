"""The peers, a module each; worker.py says what is asked of the class Engine in it, batched.py is what most build on."""
