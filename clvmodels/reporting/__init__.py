"""The report: one HTML file that tells what a log says about its customers, for people who never open a notebook.

`report` takes the arguments, the folder ``study`` computes everything once into a `Study`, each file in ``sections``
says one part of it in blocks (sentences, tables, figures), and `page` puts the blocks into the templates.
"""
