# make run and make test need Go and make alone. The other targets say what they
# need and install what they can; what is missing fails, nothing is skipped.

FUNCTIONS := api projector planner mailer feedback inbound indexer
RELEASE   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
CACHE     := $(CURDIR)/.cache
DATA      ?= data
LISTEN    ?= 127.0.0.1:8080
N         ?= 100000

LDFLAGS := -s -w -X convoke/shared/platform/boot.Release=$(RELEASE)
TEMPL   := go run github.com/a-h/templ/cmd/templ@v0.3.977
GOTOOL  := go tool -modfile=infra/tools/go.mod

# None of the targets is a file.
.PHONY: $(shell sed -nE "s/^([a-z-]+):.*/\1/p" Makefile)

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## Start everything in one process, with a small directory to look at
	go run -ldflags "$(LDFLAGS)" ./functions/local serve --data $(DATA) --listen $(LISTEN) --seed

test: ## Run the tests that need Go alone
	go test ./...

# bbolt reads a damaged page by pointer arithmetic, which faults and is caught; the
# check of such arithmetic that comes with -race would end the process instead.
NOCHECKPTR := -gcflags=go.etcd.io/bbolt/...=-d=checkptr=0

test-all: lint stale validate build build-host ## Run everything: race detector, DynamoDB Local, the Lambda binaries
	CONVOKE_TEST_ALL=1 infra/dynamodb/local.sh run free -- go test -race $(NOCHECKPTR) -timeout 20m $(TESTFLAGS) ./...

lint: ## Run the linters
	$(GOTOOL) golangci-lint run ./...
	$(GOTOOL) gofumpt -l . | (! grep -v _templ.go)

generate: ## Make the generated files anew
	$(TEMPL) generate
	go generate ./...

stale: ## Fail when a generated file is not what its source makes
	$(TEMPL) generate
	git diff --exit-code -- '*_templ.go'
	go mod tidy -diff

build: $(FUNCTIONS:%=build/%/bootstrap) build/convoke ## Build the Lambda functions (arm64) and convoke

# What is deployed holds its texts packed (see infra/pack), and much of it without
# inlining, which makes the api 2 MB smaller: the SDK of AWS and the protocols under it,
# what signs people in and the store, which wait for the network; the web edge and what
# it writes with, whose pages are long and written once a request; and the domain, whose
# one hot loop, the panel builder, showed no difference on its benchmark. The search, the
# folding of text and the composing of mail are left as they are. An executable grows in
# steps of 64 KB.
PLAIN    := github.com/aws/... github.com/awslabs/... github.com/a-h/templ/... github.com/go-jose/... github.com/coreos/... github.com/go-json-experiment/... \
            convoke/shared/edge/web convoke/shared/domain/... convoke/shared/state/store/... convoke/shared/state/table/... convoke/shared/state/blob/... \
            $(addprefix convoke/shared/platform/,auth/... boot/... config gateway i18n ics interchange) \
            golang.org/x/oauth2/... vendor/golang.org/x/... $(addprefix golang.org/x/text/,language internal/... feature/... secure/...) \
            $(addprefix crypto/,ecdh ecdsa ed25519 elliptic rsa tls x509) \
            $(addprefix crypto/internal/fips140/,ecdsa ed25519 edwards25519/... mlkem nistec/fiat rsa) \
            $(addprefix encoding/,asn1 base64 binary csv hex json xml) internal/godebug internal/poll internal/strconv \
            bufio compress/... embed fmt hash/... html/template io/... log/... math/big mime/... net/... os path/... regexp/... text/template/...
FUNCTION := -tags lambda.norpc,packed -trimpath $(PLAIN:%=-gcflags=%=-l) -ldflags "$(LDFLAGS)"

pack: ## Pack the texts that the functions hold
	go run ./infra/pack

build/%/bootstrap: pack
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build $(FUNCTION) -o $@ ./functions/$*

build/convoke: FORCE
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./functions/local

build-host: $(FUNCTIONS:%=build/host/%/bootstrap) ## Build the functions for this machine, for the tests that run them

build/host/%/bootstrap: pack
	CGO_ENABLED=0 go build $(FUNCTION) -o $@ ./functions/$*

validate: ## Check template.yaml
	go test ./infra -run Template
	@if command -v cfn-lint >/dev/null && cfn-lint --version >/dev/null 2>&1; then cfn-lint template.yaml; else echo "cfn-lint is not installed: checked by the Go test alone"; fi

deploy: build validate ## Deploy to AWS (needs the SAM command line and credentials)
	sam deploy --template-file template.yaml --config-file infra/samconfig.toml

dynamodb: ## Install DynamoDB Local and start it on port 8000 (needs node and Java 17)
	infra/dynamodb/local.sh install
	infra/dynamodb/local.sh start 8000

bench: ## Measure the main job on the embedded table
	go run ./infra/bench

axe: ## Look at every page with axe: light and dark, narrow and wide, en and ar (needs node and Chromium)
	infra/axe/axe.sh

scorecard: build build-host ## Count what must hold under injected faults, and print it as one table (needs what test-all and axe need)
	infra/dynamodb/local.sh run free -- go run ./infra/scorecard

bench-import: ## Measure taking over 100,000 organisations from a table
	go run ./infra/benchimport

bench-mail: ## Measure composing invitations and handing them to an SMTP server
	go run ./infra/benchmail

bench-panel: ## Measure the panel builder: 200 random panels of 8 seats, 5,000 candidates, 10 targets
	CONVOKE_PANEL_ROUNDS=200 go test ./shared/domain/convening -run '^$$' -bench Suggest -benchtime 1x -timeout 20m

bench-init: build-host ## Measure how long the functions take to start (on a quiet machine)
	go test ./infra -run '^$$' -bench Init -benchtime 1x

bench-search: ## Measure the search on N generated documents and the ROR sample, beside Bleve
	cd infra/benchsearch && go build -mod=mod -o $(CURDIR)/build/benchsearch .
	build/benchsearch -n $(N)

duplicates: ## Measure how well duplicates are recognised (needs the ROR sample)
	go run ./infra/duplicates

bench-peers: ## Measure the search over HTTP beside PocketBase, PostgreSQL 15 and Groonga (Debian; installs them as root)
	@test -x /usr/lib/postgresql/15/bin/initdb && command -v groonga >/dev/null || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -qy postgresql-15 groonga; } || \
		{ echo "needs postgresql-15 and groonga: apt-get install postgresql-15 groonga, as root"; exit 1; }
	cd infra/benchpeers && go build -mod=mod -o $(CURDIR)/build/benchpeers .
	build/benchpeers -n $(N)

relevance: ## Measure how well organisations are found by other spellings (needs the ROR sample)
	go run ./infra/relevance

clean: ## Remove what was built
	rm -rf build .cache

FORCE:
