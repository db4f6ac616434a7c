# Needs git, make and Node ≥ 20; newer things are fetched into .openhcs and node_modules.
# Every target runs through scripts/node.sh, which sees to Node and packages and then becomes the command itself, so
# that Ctrl-C reaches it.
run := exec scripts/node.sh
serve := exec scripts/node.sh --production
# Without these the heap grows to what the machine has: 434 MB after 20,000 searches instead of 172.
memory := --max-semi-space-size=16 --max-old-space-size=256

.PHONY: help start migrate test lint format types race bench image alerts clean clean-data
.DEFAULT_GOAL := help

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

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

bench: ## Measure speed
	@$(run) npm run -s bench

image: ## The image: built twice to one digest, looked into, and run (root, Debian)
	@$(run) node infra/image/make.ts

alerts: ## Alert rules tested, and the running service broken until the pager hears of it (root, Debian)
	@$(run) node infra/monitoring/make.ts

clean: ## Remove what was fetched or built; the database stays
	rm -rf node_modules coverage .openhcs/node .openhcs/npm-cache

clean-data: ## Stop the embedded database and delete its data
	@scripts/clean-data.sh
