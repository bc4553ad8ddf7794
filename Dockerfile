# The production image: web and worker are the same image with another command.
FROM python:3.13-slim AS build
WORKDIR /srv/hectare
COPY requirements/prod.txt requirements/prod.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/prod.txt
COPY . .
# Collecting the static files needs settings, none of which ends up in the image.
RUN DJANGO_SETTINGS_MODULE=config.settings.production \
    DATABASE_URL=postgresql://build@localhost/build SECRET_KEY=for-the-build-only ALLOWED_HOSTS=localhost \
    SITE_URL=https://localhost /venv/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH WEB_CONCURRENCY=2 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
RUN useradd --system --uid 10001 --no-create-home hectare
WORKDIR /srv/hectare
COPY --from=build /venv /venv
COPY --from=build /srv/hectare /srv/hectare
USER hectare
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
