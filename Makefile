# Needs Python 3.11 or newer and make; everything else is installed beside this file by the first command.
PYTHON ?= python3
POSTULO = @$(PYTHON) deploy/local/bootstrap.py

COMPILE = uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--universal --python-version 3.11
LOCK = $(COMPILE) pyproject.toml

.PHONY: run test checks journey bench rules contracts screens containers kubernetes faults install clean lock

run: ## Start everything on this machine. Options: make run ARGS="--port 8080"
	$(POSTULO) run $(ARGS)

.PHONY: client services

# An option with what was given for a variable on the command line, as one word of the shell; else nothing.
given = $(if $(filter command%,$(origin $1)),$2='$(subst ','\'',$($1))')

client: ## Let a machine in: make client NAME=hr-geneva SCOPES="vacancies.write events" ORGANISATION=OHRM
	$(POSTULO) client $(call given,NAME,--name) $(call given,SCOPES,--scopes) $(call given,ORGANISATION,--organisation)

services: ## An operator's command on the platform that runs: make services ARGS="identity clients"
	$(POSTULO) services $(ARGS)

test: ## All checks and all tests. Options for pytest: make test ARGS="-k journey"
	$(POSTULO) test $(ARGS)

checks: ## The checks of `test` alone: linter, formatter, types, import contracts, YAML, rules
	$(POSTULO) checks

journey: ## Play a candidate's whole journey against the running platform
	$(POSTULO) journey $(ARGS)

bench: ## Measure the kernel against other libraries on the same servers
	$(POSTULO) bench $(ARGS)

rules: ## Which rule of the recruitment platform is proven by which test
	$(POSTULO) rules $(ARGS)

contracts: ## Write contracts/ anew and print what changed, unless it would break what others have built
	$(POSTULO) contracts $(ARGS)

screens: ## Pictures of every page in both languages and widths, in build/screens/
	$(POSTULO) screens $(ARGS)

containers: ## Try docker-compose.yml on an engine of its own: as root on a Debian with Go; some minutes the first time
	$(POSTULO) containers $(ARGS)

kubernetes: ## Have a real API server try every manifest: as root on a Debian with Go; some minutes the first time
	$(POSTULO) kubernetes $(ARGS)

faults: ## Play every fault against the separate services, with one driver and one oracle: about an hour, best as root
	$(POSTULO) faults $(ARGS)

install: ## Only install what `run` needs
	$(POSTULO) install

clean: ## Remove what was installed and built; the data stays
	$(POSTULO) clean

lock: ## Pin the dependencies of pyproject.toml anew, the same for everybody; needs uv
	$(LOCK) --extra local --extra dev --output-file requirements-dev.lock
	$(LOCK) --extra local --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) --constraint requirements-dev.lock --output-file deploy/docker/requirements.lock
	$(COMPILE) --group pyproject.toml:audit --output-file requirements-audit.lock
