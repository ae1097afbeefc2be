"""`python -m deploy.kubernetes` writes the manifests anew that follow from the services, the gateway and the rules."""

from deploy.kubernetes.written import FOLDER, written

for name, text in written().items():
    (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(text)
