"""`python -m deploy.monitoring` writes prometheus.yaml and the dashboards anew."""

from deploy.monitoring.written import FOLDER, written

for name, text in written().items():
    (FOLDER / name).write_text(text)
