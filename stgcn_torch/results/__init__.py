"""The results that the README states, as commands that anybody can run: python -m stgcn_torch results.

plan.py says what is trained, trainings.py trains it, table.py makes the tables, and measured/ keeps what came out.
"""
