# Needs Python 3.11 or newer and make; everything else is installed beside this file by the first command.
PYTHON ?= python3
POSTULO = @$(PYTHON) deploy/local/bootstrap.py

.PHONY: run test journey bench rules install clean

run: ## Start everything on this machine. Options: make run ARGS="--port 8080"
	$(POSTULO) run $(ARGS)

test: ## All checks and all tests. Options for pytest: make test ARGS="-k journey"
	$(POSTULO) test $(ARGS)

journey: ## Play a candidate's whole journey against the running platform
	$(POSTULO) journey $(ARGS)

bench: ## Measure the kernel against other libraries on the same servers
	$(POSTULO) bench $(ARGS)

rules: ## Which rule of the recruitment platform is proven by which test
	$(POSTULO) rules $(ARGS)

install: ## Only install what `run` needs
	$(POSTULO) install

clean: ## Remove what was installed and built; the data stays
	$(POSTULO) clean
