"""What gunicorn serves: `gunicorn -c gunicorn.conf.py wsgi:app`."""

import sys

from app import create_app
from config import SettingsError

WORKER_BOOT_ERROR = 3  # gunicorn ends at this code; at any other it would try again for ever

try:
    app = create_app()
except SettingsError as error:
    print(error, file=sys.stderr)
    sys.exit(WORKER_BOOT_ERROR)
