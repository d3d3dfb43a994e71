"""How gunicorn serves the portal: read by itself where it is started; its own options win.

An upload is as long as the sender's line is slow. So no worker may be bound to one request
(gunicorn's usual kind of worker is, and is killed after 30 seconds), and there must be threads left
for everybody else while some are busy with images.
"""

worker_class = "gthread"
threads = 16
keepalive = 75
