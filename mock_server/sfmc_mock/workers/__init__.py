"""One server in several processes: each answers for accounts of its own, and gives connections for others away.

All of them accept from one listening socket. Whoever reads a request whose account is another one's hands connection
and request over; what follows on the connection is read there. The process that started them only looks after them.
"""
