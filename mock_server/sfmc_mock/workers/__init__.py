"""One server in several processes: each serves some of the accounts, and hands over connections for the others.

All processes accept from one listening socket. A process that reads a request for another process's account hands over
the connection with the request; the other process then reads the further requests of that connection. The starting
process only starts, replaces and stops the workers.
"""
