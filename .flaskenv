# Read by every `flask` command: the app, on the embedded servers where DATABASE_URL or REDIS_URL is not set.
FLASK_APP=embedded:create_app
