# The verbs of the programs that holdfast grew from.
IMAGE ?= ghcr.io/holdfast-dev/holdfast:0.1.0

.PHONY: docker-build deploy undeploy run
docker-build: ## Build the image of the daemon
	docker build -t $(IMAGE) .
deploy: ## Into the current context of kubectl
	kubectl apply -k deploy
undeploy:
	kubectl delete -k deploy --ignore-not-found
run: ## Outside of the cluster, on the current context: make run BACKUP=ghcr.io/acme/backup
	node dist/cli.js watch --cluster --listen 127.0.0.1:8080 $(if $(BACKUP),--backup $(BACKUP))
