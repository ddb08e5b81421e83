# One image for every process of the desk; docker-compose.yml says which command each container runs.
FROM python:3.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    TRADINGDESK_HOME=/var/lib/tradingdesk \
    TRADINGDESK_ENV_FILE=""

RUN groupadd --gid 10001 desk \
 && useradd --uid 10001 --gid desk --no-create-home --shell /usr/sbin/nologin desk \
 && install -d -o desk -g desk -m 0700 /var/lib/tradingdesk /keys

WORKDIR /app
COPY requirements.txt ./
RUN python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt

COPY manage.py ./
COPY tradingdesk tradingdesk
COPY apps apps
COPY templates templates
COPY static static
COPY docs/runbooks docs/runbooks

USER desk
EXPOSE 8000
CMD ["python", "manage.py", "web"]
