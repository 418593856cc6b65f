"""One server in several processes: each serves its own accounts, and hands over connections for other accounts.

All of them accept from one listening socket. A process that reads a request for the account of another one hands it
the connection and the request; further requests of the connection are read there. The process that started the others
only starts, replaces and ends them.
"""
