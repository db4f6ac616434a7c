# Needs git, make and Node ≥ 20; newer things are fetched into .openhcs and node_modules.
# Every target runs through scripts/node.sh, which sees to Node and packages and then becomes the command itself, so
# that Ctrl-C reaches it.
run := exec scripts/node.sh
serve := exec scripts/node.sh --production
# Without these the heap grows to what the machine has: 434 MB after 20,000 searches instead of 172.
memory := --max-semi-space-size=16 --max-old-space-size=256

.PHONY: help start migrate test lint format types race access bench rehearse rehearse-hosts image package sbom synth k8s alerts push copy-image deploy infra-diff clean clean-data
.DEFAULT_GOAL := help

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

start: ## Start everything; the address is printed
	@OPENHCS_DEMO=$${OPENHCS_DEMO:-true} $(serve) node $(memory) main.ts start

migrate: ## Bring the database's schema up to date
	@$(serve) node main.ts migrate

test: ## Every check and every test
	@$(run) node scripts/check.ts

lint: ## Every check without the tests: format, types, walls, unused code, generated files
	@$(run) node scripts/check.ts --only=static

types: ## Type check
	@$(run) node scripts/check.ts --only=types

format: ## Format and fix what can be fixed
	@$(run) npm run -s format

race: ## Bookings that race for the same time, and a random walk
	@$(run) npm run -s race

access: ## Every operation, asked by every kind of caller; and attacks
	@$(run) node scripts/check.ts tests/access/matrix.test.ts $(wildcard tests/attacks/*.test.ts)

bench: ## Measure speed
	@$(run) npm run -s bench

rehearse: ## A release, and what must go wrong, under load on this machine (Debian: haproxy)
	@$(run) node infra/release/rehearse.ts

rehearse-hosts: ## A node, the database and the balancer are lost, on five hosts (root)
	@$(run) node infra/release/rehearse-hosts.ts

image: ## The image: built twice to one digest, looked into, and run (root, Debian)
	@$(run) node infra/image/make.ts

package: ## The npm package: packed, and started from an empty folder
	@$(run) node infra/package/make.ts

sbom: ## What is shipped, as a CycloneDX list
	@$(run) node infra/sbom/make.ts

synth: ## The templates for AWS: made, checked, compared with the committed (WRITE=1 commits to them)
	@$(run) node infra/aws/make.ts $(if $(WRITE),--write)

k8s: ## Kubernetes objects: validated, checked against rules, rendered, run (root, Debian)
	@$(run) node infra/kubernetes/make.ts

alerts: ## Breaks a running service and sees the alert arrive (root, Debian)
	@$(run) node infra/monitoring/make.ts

push: ## The image that was built, to REGISTRY
	@$(run) node infra/image/push.ts

copy-image: ## The image that was pushed, to the REGISTRY of another environment too
	@$(run) node infra/image/copy.ts

deploy: ## Releases the image that was pushed to ENVIRONMENT
	@$(run) node infra/release/release.ts deploy

infra-diff: ## What the committed templates would change in ENVIRONMENT
	@$(run) node infra/release/release.ts diff

clean: ## Remove what was fetched or built; the database stays
	rm -rf node_modules coverage .openhcs/node .openhcs/npm-cache

clean-data: ## Stop the embedded database and delete its data
	@scripts/clean-data.sh
