"""gunicorn's settings; it reads the number of processes from WEB_CONCURRENCY itself."""

bind = "0.0.0.0:8000"
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 20
# A process is renewed now and then, not all at the same moment.
max_requests = 2000
max_requests_jitter = 200
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108
# Requests are logged by the site itself, with their ids.
accesslog = None
# Nobody uses it, and the image's user has no home to put it in.
control_socket_disable = True
