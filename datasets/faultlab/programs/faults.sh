#!/bin/bash
# Faults of the command line tools that jobs and pipelines are made of.
cd "$(mktemp -d "$PWD/sh.XXXXXX")" || exit 1
n=$LAB_N
refused_host=${LAB_REFUSED%:*} refused_port=${LAB_REFUSED#*:}
psql_() { psql -X -q -v ON_ERROR_STOP=1 "$LAB_PG" "$@"; }
case $1 in
  # fault curl-stalls: timeout
  curl-stalls) curl -sS -m 1 "http://$LAB_HTTP/stall" ;;
  # fault curl-connect-refused: connectivity
  curl-connect-refused) curl -sS "http://$LAB_REFUSED/" ;;
  # fault curl-unresolved: connectivity
  curl-unresolved) curl -sS "http://mirror-$n.invalid/" ;;
  # fault curl-reset: connectivity
  curl-reset) curl -sS "http://$LAB_RESET/" ;;
  # fault curl-empty: connectivity
  curl-empty) curl -sS "http://$LAB_CLOSING/" ;;
  # fault curl-nonsense: connectivity or serialization
  curl-nonsense) curl -sS "http://$LAB_GARBAGE/" ;;
  # fault curl-tls: connectivity or configuration
  curl-tls) curl -sS "https://$LAB_TLS/" ;;
  # fault curl-503: dependency_unavailable
  curl-503) curl -sSf "http://$LAB_HTTP/status/503" ;;
  # fault curl-429: rate_limited
  curl-429) curl -sSf "http://$LAB_HTTP/status/429" ;;
  # fault curl-403: access_denied
  curl-403) curl -sSf "http://$LAB_HTTP/status/403" ;;
  # fault curl-404: not_found
  curl-404) curl -sSf "http://$LAB_HTTP/status/404" ;;
  # fault curl-scheme: invalid_input or configuration
  curl-scheme) curl -sS "gopherx://$LAB_HTTP/" ;;
  # fault timeout-tool: timeout
  timeout-tool) timeout 1 sleep 9; echo "export of ledger $n: gave up after 1 s (status $?)" >&2; exit 124 ;;
  # fault git-no-repo: configuration or not_found
  git-no-repo) git status ;;
  # fault git-no-remote: not_found or configuration
  git-no-remote) git init -q . && git fetch origin ;;
  # fault git-unresolved: connectivity
  git-unresolved) git clone -q "https://git-$n.invalid/app.git" ;;
  # fault git-refused: connectivity
  git-refused) git clone -q "git://$LAB_REFUSED/app.git" ;;
  # fault git-path-missing: not_found
  git-path-missing) git clone -q /srv/git/app.git ;;
  # fault git-unknown-branch: not_found
  git-unknown-branch) git init -q . && git checkout release ;;
  # fault git-conflict: conflict
  git-conflict) git init -q -b main . && git config user.email user@example.com && git config user.name user && echo a >f && git add f && git commit -qm a && git checkout -qb b && echo b >f && git commit -qam b && git checkout -q main && echo c >f && git commit -qam c && git merge b >&2 ;;
  # fault git-rejected: conflict
  git-rejected) git init -q --bare r && git clone -q r w 2>/dev/null && cd w && git config user.email user@example.com && git config user.name user && git commit -q --allow-empty -m a && git push -q origin HEAD:main && git commit -q --amend --allow-empty -m b && git push origin HEAD:main ;;
  # fault git-lock: conflict
  git-lock) git init -q . && touch .git/index.lock && git add . ;;
  # fault git-corrupt: data_integrity
  git-corrupt) git init -q . && git config user.email user@example.com && git config user.name user && echo a >f && git add f && git commit -qm a && chmod -R u+w .git && for o in .git/objects/??/*; do echo x >"$o"; done; git log ;;
  # fault ssh-refused: connectivity
  ssh-refused) ssh -o BatchMode=yes -p "$refused_port" "$refused_host" true ;;
  # fault ssh-unresolved: connectivity
  ssh-unresolved) ssh -o BatchMode=yes "bastion-$n.invalid" true ;;
  # fault ssh-banner: timeout or connectivity
  ssh-banner) ssh -o BatchMode=yes -o ConnectTimeout=1 -p "${LAB_SILENT#*:}" 127.0.0.1 true ;;
  # fault ssh-nonsense: connectivity or serialization
  ssh-nonsense) ssh -o BatchMode=yes -p "${LAB_CLOSING#*:}" 127.0.0.1 true ;;
  # fault ssh-option: configuration
  ssh-option) ssh -o NoSuchOption=yes host true ;;
  # fault psql-refused: connectivity
  psql-refused) psql -X "postgres://postgres@$LAB_REFUSED/x" -c 'select 1' ;;
  # fault psql-no-database: not_found or configuration
  psql-no-database) psql -X "postgres://postgres@127.0.0.1/no_such_db_$n" -c 'select 1' ;;
  # fault psql-no-role: access_denied or configuration
  psql-no-role) psql -X "postgres://nobody_$n@127.0.0.1/postgres" -c 'select 1' ;;
  # fault psql-syntax: code_defect
  psql-syntax) psql_ -c 'selct 1' ;;
  # fault psql-no-column: data_integrity or code_defect
  psql-no-column) psql_ -c 'select nett from pg_class' ;;
  # fault psql-no-table: data_integrity or configuration, not_found
  psql-no-table) psql_ -c 'select * from coupons' ;;
  # fault psql-no-function: data_integrity or code_defect
  psql-no-function) psql_ -c 'select net_total(1)' ;;
  # fault psql-division: code_defect or invalid_input
  psql-division) psql_ -c 'select 1/0' ;;
  # fault psql-too-long: invalid_input
  psql-too-long) psql_ -c "create temp table t(c varchar(3)); insert into t values('abcdef')" ;;
  # fault psql-bad-date: invalid_input
  psql-bad-date) psql_ -c "select '2024-02-30'::date" ;;
  # fault psql-numeric-range: invalid_input
  psql-numeric-range) psql_ -c 'select 99999999999::int' ;;
  # fault psql-json: invalid_input or serialization
  psql-json) psql_ -c "select '{a'::json" ;;
  # fault psql-duplicate: conflict
  psql-duplicate) psql_ -c 'create temp table t(id int primary key); insert into t values(1); insert into t values(1)' ;;
  # fault psql-foreign-key: data_integrity
  psql-foreign-key) psql_ -c 'create temp table a(id int primary key); create temp table b(a int references a(id)); insert into b values(7)' ;;
  # fault psql-not-null: data_integrity or invalid_input
  psql-not-null) psql_ -c 'create temp table a(id int not null); insert into a values(null)' ;;
  # fault psql-check: data_integrity or invalid_input
  psql-check) psql_ -c 'create temp table a(qty int check(qty > 0)); insert into a values(-1)' ;;
  # fault psql-statement-timeout: timeout
  psql-statement-timeout) psql_ -c "set statement_timeout='50ms'" -c 'select pg_sleep(2)' ;;
  # fault psql-idle-transaction: timeout or dependency_unavailable, connectivity
  psql-idle-transaction) psql_ -c "set idle_in_transaction_session_timeout='50ms'; begin" -c 'select 1' -c '\! sleep 1' -c 'select 1' ;;
  # fault psql-aborted-transaction: code_defect
  psql-aborted-transaction) psql -X "$LAB_PG" -c 'begin' -c 'select 1/0' -c 'select 1' ;;
  # fault psql-setting: configuration or invalid_input
  psql-setting) psql_ -c "set no_such_setting_$n = 1" ;;
  # fault psql-memory: invalid_input or resource_exhausted
  psql-memory) psql_ -c "select repeat('x', 2000000000)" ;;
  # fault psql-extension: configuration
  psql-extension) psql_ -c 'create extension no_such_extension' ;;
  # fault psql-copy-denied: access_denied or not_found
  psql-copy-denied) psql_ -c "copy pg_class from '/etc/shadow'" ;;
  # fault mariadb-refused: connectivity
  mariadb-refused) mariadb --no-defaults -h 127.0.0.1 -P "$refused_port" -e 'select 1' ;;
  # fault mariadb-denied: access_denied
  mariadb-denied) mariadb --no-defaults -h 127.0.0.1 -u "app_$n" -pwrong -e 'select 1' ;;
  # fault redis-refused: connectivity
  redis-refused) redis-cli -h 127.0.0.1 -p "$refused_port" ping ;;
  # fault redis-wrong-kind: code_defect
  redis-wrong-kind) redis-cli -n 15 set "lab$n" x >/dev/null; redis-cli -n 15 lpush "lab$n" 1; redis-cli -n 15 del "lab$n" >/dev/null ;;
  # fault redis-not-integer: invalid_input or code_defect
  redis-not-integer) redis-cli -n 15 set "lab$n" x >/dev/null; redis-cli -n 15 incr "lab$n"; redis-cli -n 15 del "lab$n" >/dev/null ;;
  # fault redis-unknown-command: code_defect or configuration, invalid_input
  redis-unknown-command) redis-cli fetchall x ;;
  # fault redis-few-arguments: code_defect or invalid_input
  redis-few-arguments) redis-cli get ;;
  # fault redis-database-index: configuration or invalid_input
  redis-database-index) redis-cli -n 999 get x ;;
  # fault redis-wrong-password: access_denied
  redis-wrong-password) redis-cli --no-auth-warning -a wrong --user app ping ;;
  # fault openssl-untrusted: connectivity or configuration
  openssl-untrusted) openssl s_client -verify_return_error -connect "$LAB_TLS" </dev/null 2>&1 | grep -i 'verify error' >&2; exit 1 ;;
  # fault openssl-refused: connectivity
  openssl-refused) openssl s_client -connect "$LAB_REFUSED" </dev/null ;;
  # fault openssl-bad-key: configuration or serialization, invalid_input
  openssl-bad-key) openssl rsa -in "$LAB_DIR/cut.json" -noout ;;
  # fault openssl-expired: connectivity or access_denied, configuration
  openssl-expired) openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=x -days -1 2>/dev/null; openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=x -days 1 2>/dev/null; openssl verify -attime 4102444800 c ;;
  # fault tar-absent: not_found
  tar-absent) tar xf "backup-$n.tar" ;;
  # fault tar-not-archive: data_integrity or serialization
  tar-not-archive) tar xf "$LAB_DIR/not-a.zip" ;;
  # fault gzip-cut: data_integrity or serialization
  gzip-cut) gzip -t "$LAB_DIR/cut.gz" ;;
  # fault gzip-crc: data_integrity or serialization
  gzip-crc) gzip -t "$LAB_DIR/crc.gz" ;;
  # fault gzip-format: data_integrity or serialization
  gzip-format) gzip -dc "$LAB_DIR/not-a.zip" ;;
  # fault unzip-format: data_integrity or serialization
  unzip-format) python3 -m zipfile -e "$LAB_DIR/not-a.zip" . ;;
  # fault checksum-differs: data_integrity
  checksum-differs) echo "00000000000000000000000000000000  $LAB_DIR/cut.json" | md5sum -c ;;
  # fault sqlite-no-table: data_integrity or configuration
  sqlite-no-table) sqlite3 x.db 'select * from coupons' ;;
  # fault sqlite-not-database: data_integrity
  sqlite-not-database) sqlite3 "$LAB_DIR/not-a.db" 'select * from t' ;;
  # fault sqlite-unique: conflict
  sqlite-unique) sqlite3 x.db 'create table t(id integer primary key, e text unique); insert into t values(1,"a"); insert into t values(2,"a")' ;;
  # fault sqlite-locked: conflict
  sqlite-locked) sqlite3 x.db 'create table t(id)'; (echo 'begin exclusive;'; sleep 2) | sqlite3 x.db & sleep 0.5; sqlite3 x.db 'insert into t values(1)' ;;
  # fault sqlite-readonly: access_denied or configuration
  sqlite-readonly) sqlite3 x.db 'create table t(id)'; sqlite3 -readonly x.db 'insert into t values(1)' ;;
  # fault sqlite-syntax: code_defect
  sqlite-syntax) sqlite3 x.db 'selec 1' ;;
  # fault sqlite-foreign-key: data_integrity
  sqlite-foreign-key) sqlite3 x.db 'pragma foreign_keys=on; create table a(id integer primary key); create table b(a references a(id)); insert into b values(3)' ;;
  # fault sqlite-cannot-open: not_found or access_denied, configuration
  sqlite-cannot-open) sqlite3 /srv/nowhere/x.db 'select 1' ;;
  # fault sqlite-datatype: invalid_input or data_integrity
  sqlite-datatype) sqlite3 x.db 'create table t(id integer primary key); insert into t values("abc")' ;;
  # fault jq-cut: serialization
  jq-cut) jq . "$LAB_DIR/cut.json" ;;
  # fault jq-html: serialization
  jq-html) jq . "$LAB_DIR/html.json" ;;
  # fault jq-index: code_defect or invalid_input, serialization
  jq-index) echo '"a"' | jq .total ;;
  # fault jq-program: code_defect
  jq-program) echo '{}' | jq '.a |' ;;
  # fault xmllint-broken: serialization
  xmllint-broken) xmllint --noout "$LAB_DIR/bad.xml" ;;
  # fault xmllint-empty: serialization
  xmllint-empty) : >e.xml; xmllint --noout e.xml ;;
  # fault iconv-illegal: serialization
  iconv-illegal) iconv -f UTF-8 -t UTF-16 "$LAB_DIR/latin1.txt" ;;
  # fault base64-bad: serialization or invalid_input
  base64-bad) echo 'ab*c' | base64 -d ;;
  # fault cat-absent: not_found
  cat-absent) cat "/srv/data/feed-$n.csv" ;;
  # fault cat-denied: access_denied
  cat-denied) cat "$LAB_DIR/secret.txt" ;;
  # fault cat-directory: code_defect or invalid_input, configuration
  cat-directory) cat "$LAB_DIR" ;;
  # fault touch-denied: access_denied
  touch-denied) touch "$LAB_DIR/sealed/x" ;;
  # fault rm-denied: access_denied
  rm-denied) rm -f /etc/hostname ;;
  # fault chown-denied: access_denied
  chown-denied) touch f && chown root f ;;
  # fault su-denied: access_denied
  su-denied) echo x | su -c true ;;
  # fault mkdir-exists: conflict
  mkdir-exists) mkdir "$LAB_DIR" ;;
  # fault noclobber: conflict
  noclobber) set -C; : >f; : >f ;;
  # fault flock-busy: conflict
  flock-busy) flock l sleep 2 & sleep 0.3; flock -n l true || { echo "run-close: previous run still holds l, leaving" >&2; exit 1; } ;;
  # fault dd-full: resource_exhausted
  dd-full) dd if=/dev/zero of=/dev/full bs=4k count=9 status=none ;;
  # fault echo-full: resource_exhausted
  echo-full) echo report >/dev/full ;;
  # fault file-size: resource_exhausted (fsize=1000)
  file-size) trap '' XFSZ; head -c 9000 /dev/zero >big ;;
  # fault argument-list: resource_exhausted or invalid_input
  argument-list) /bin/echo $(seq 1 900000) >/dev/null ;;
  # fault fork-limit: resource_exhausted (nproc=1)
  fork-limit) (true) & (true) & ls ;;
  # fault awk-memory: resource_exhausted or crash (as=100000000)
  awk-memory) gawk 'BEGIN { while (1) a[i++] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }' ;;
  # fault command-absent: configuration
  command-absent) wkhtmltopdf2 a b ;;
  # fault interpreter-absent: configuration
  interpreter-absent) printf '#!/opt/python9/bin/python\n' >t; chmod +x t; ./t ;;
  # fault exec-format: configuration
  exec-format) head -c 200 /dev/urandom >t; chmod +x t; ./t ;;
  # fault not-executable: access_denied or configuration
  not-executable) echo 'echo a' >t; ./t ;;
  # fault unset-variable: configuration or code_defect
  unset-variable) set -u; echo "$EXPORT_BUCKET" ;;
  # fault required-variable: configuration
  required-variable) : "${WAREHOUSE_DSN:?must be set in the job environment}" ;;
  # fault library-absent: configuration
  library-absent) LD_PRELOAD= ; cp /bin/ls . ; echo 'int main(){return f();}' >m.c; echo 'int f(){return 0;}' >f.c; gcc -shared -fPIC -o libzebra.so f.c && gcc -w -o m m.c -L. -lzebra && rm libzebra.so && ./m ;;
  # fault option-unknown: configuration or invalid_input
  option-unknown) grep --colour-scheme x f ;;
  # fault locale-absent: configuration
  locale-absent) LC_ALL=xx_XX.UTF-8 perl -e 1 ;;
  # fault make-no-rule: configuration or not_found
  make-no-rule) make deploy ;;
  # fault make-recipe: configuration or code_defect
  make-recipe) printf 'all:\n\tls /srv/none\n' >Makefile; make ;;
  # fault gcc-syntax: code_defect
  gcc-syntax) echo 'int main() { return 0 }' >m.c; gcc m.c ;;
  # fault gcc-header: configuration
  gcc-header) printf '#include <zebra.h>\n' >m.c; gcc -c m.c ;;
  # fault ld-undefined: configuration or code_defect
  ld-undefined) echo 'int f(); int main() { return f(); }' >m.c; gcc -w m.c ;;
  # fault cmake-absent: configuration or not_found
  cmake-absent) cmake . ;;
  # fault nginx-config: configuration
  nginx-config) echo 'events {} http { servr {} }' >n.conf; /usr/sbin/nginx -t -c "$PWD/n.conf" -g "pid $PWD/p; error_log stderr;" ;;
  # fault nginx-upstream: configuration or connectivity
  nginx-upstream) echo 'events {} http { server { location / { proxy_pass http://cart-blue.invalid; } } }' >n.conf; /usr/sbin/nginx -t -c "$PWD/n.conf" -g "pid $PWD/p; error_log stderr;" ;;
  # fault haproxy-config: configuration
  haproxy-config) printf 'defaults\n timeout client 5s\nfrontend f\n bind :0\n default_backend none\n' >h.cfg; haproxy -c -f h.cfg ;;
  # fault apache-config: configuration
  apache-config) echo 'LoadModule zebra_module modules/mod_zebra.so' >a.conf; apache2 -t -f "$PWD/a.conf" ;;
  # fault redis-config: configuration
  redis-config) redis-server --port 0 --no-such-option 1 ;;
  # fault redis-port-taken: configuration
  redis-port-taken) redis-server --bind 127.0.0.1 --port 6379 ;;
  # fault memcached-port-taken: configuration
  memcached-port-taken) memcached -l 127.0.0.1 -p "${LAB_HTTP#*:}" ;;
  # fault mosquitto-port-taken: configuration
  mosquitto-port-taken) mosquitto -p "${LAB_HTTP#*:}" ;;
  # fault mosquitto-config: configuration
  mosquitto-config) echo 'listner 1883' >m.conf; mosquitto -c m.conf ;;
  # fault mqtt-refused: connectivity
  mqtt-refused) mosquitto_pub -p "$refused_port" -t t -m m ;;
  # fault nats-port-taken: configuration
  nats-port-taken) nats-server -a 127.0.0.1 -p "${LAB_HTTP#*:}" & sleep 1; kill $!; wait ;;
  # fault python-http-taken: configuration
  python-http-taken) /usr/bin/python3 -m http.server -b 127.0.0.1 "${LAB_HTTP#*:}" ;;
  # fault dig-none: connectivity
  dig-none) dig +time=1 +tries=1 @127.0.0.1 -p "$refused_port" shop.example.com ;;
  # fault java-no-class: configuration
  java-no-class) java com.acme.Missing ;;
  # fault java-bad-jar: configuration or data_integrity
  java-bad-jar) java -jar "$LAB_DIR/not-a.zip" ;;
  # fault java-option: configuration
  java-option) java -XX:+NoSuchFlag -version ;;
  # fault java-heap-option: configuration or resource_exhausted
  java-heap-option) java -Xmx1k -version ;;
  # fault node-module: configuration
  node-module) node -e 'require("zebra-driver")' ;;
  # fault node-old: configuration
  node-old) node --no-such-flag x.js ;;
  # fault npm-json: serialization or configuration
  npm-json) echo '{"name": "a",}' >package.json; npm run build ;;
  # fault npm-script: configuration
  npm-script) echo '{"name": "a"}' >package.json; npm run build ;;
  # fault bash-syntax: code_defect
  bash-syntax) bash -c 'if true; then echo' ;;
  # fault bash-arithmetic: code_defect
  bash-arithmetic) echo $((1 / 0)) ;;
  # fault bash-integer: code_defect or invalid_input
  bash-integer) [ abc -gt 1 ] ;;
  # fault awk-division: code_defect
  awk-division) gawk 'BEGIN { print 1 / 0 }' ;;
  # fault sed-expression: code_defect or configuration
  sed-expression) sed 's/a/b' f ;;
  # fault grep-regexp: code_defect or configuration, invalid_input
  grep-regexp) grep -E '(a' /dev/null ;;
  # fault date-invalid: invalid_input
  date-invalid) date -d '2024-13-45' ;;
  # fault bc-parse: code_defect or invalid_input, serialization
  bc-parse) gawk 'BEGIN { print substr( }' ;;
  # fault seg-signal: crash
  seg-signal) bash -c 'kill -SEGV $$' ;;
  # fault abort-signal: crash
  abort-signal) bash -c 'kill -ABRT $$' ;;
  # fault kill-signal: crash
  kill-signal) bash -c 'kill -KILL $$' ;;
  # fault bus-signal: crash
  bus-signal) bash -c 'kill -BUS $$' ;;
  # fault worker-137: crash or resource_exhausted
  worker-137) bash -c 'kill -9 $$' 2>/dev/null; echo "step render of job $n ended with exit code $?" >&2; exit 137 ;;
  # fault core-dumped: crash (core=0)
  core-dumped) echo 'int main() { int *p = 0; return *p; }' >m.c && gcc -w m.c && ./a.out ;;
  # fault asan-overflow: crash or code_defect
  asan-overflow) echo '#include <stdlib.h>
int main() { char *p = malloc(4); p[7] = 1; return p[7]; }' >m.c && gcc -w -g -fsanitize=address m.c && ./a.out ;;
  # fault asan-free: crash or code_defect
  asan-free) echo '#include <stdlib.h>
int main() { char *p = malloc(4); free(p); return p[1]; }' >m.c && gcc -w -g -fsanitize=address m.c && ./a.out ;;
  # fault ubsan-shift: code_defect
  ubsan-shift) echo 'int main(int c, char **v) { return 1 << (c + 40); }' >m.c && gcc -w -g -fsanitize=undefined -fno-sanitize-recover m.c && ./a.out ;;
  # fault tsan-race: code_defect
  tsan-race) echo '#include <pthread.h>
int x; void *f(void *p) { x++; return 0; } int main() { pthread_t a, b; pthread_create(&a, 0, f, 0); pthread_create(&b, 0, f, 0); pthread_join(a, 0); pthread_join(b, 0); return 0; }' >m.c && gcc -w -g -fsanitize=thread m.c && ./a.out ;;
  # fault glibc-double-free: crash or code_defect
  glibc-double-free) echo '#include <stdlib.h>
int main() { char *p = malloc(40); free(p); free(p); return 0; }' >m.c && gcc -w m.c && ./a.out ;;
  # fault glibc-fortify: crash or code_defect
  glibc-fortify) echo '#include <string.h>
int main(int c, char **v) { char b[4]; strcpy(b, v[0]); return b[0]; }' >m.c && gcc -w -O2 -D_FORTIFY_SOURCE=2 m.c && ./a.out ;;
  # fault glibc-corrupted: crash or code_defect, data_integrity
  glibc-corrupted) echo '#include <stdlib.h>
#include <string.h>
int main() { char *p = malloc(24), *q = malloc(24); memset(p, 65, 60); free(q); free(p); q = malloc(24); return 0; }' >m.c && gcc -w m.c && ./a.out ;;
  # fault c-assert: code_defect or crash
  c-assert) echo '#include <assert.h>
int main(int c, char **v) { assert(c > 5 && "basket is never empty"); return 0; }' >m.c && gcc -w m.c && ./a.out ;;
  # fault cpp-uncaught: invalid_input or code_defect
  cpp-uncaught) echo '#include <string>
int main() { return std::stoi("12x" + 3); }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-out-of-range: code_defect
  cpp-out-of-range) echo '#include <vector>
int main(int c, char **v) { std::vector<int> a(2); return a.at(c + 7); }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-bad-alloc: resource_exhausted (as=300000000)
  cpp-bad-alloc) echo '#include <vector>
int main(int c, char **v) { std::vector<char> a(900000000u * c); return a[1]; }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-pure-virtual: code_defect or crash
  cpp-pure-virtual) echo 'struct A { A() { g(); } void g() { f(); } virtual void f() = 0; }; struct B : A { void f() {} }; int main() { B b; }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-bad-cast: code_defect
  cpp-bad-cast) echo '#include <typeinfo>
struct A { virtual ~A() {} }; struct B : A {}; int main() { A a; dynamic_cast<B &>(a); }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-optional: code_defect
  cpp-optional) echo '#include <optional>
int main() { std::optional<int> o; return o.value(); }' >m.cc && g++ -w -std=c++17 m.cc && ./a.out ;;
  # fault cpp-regex: code_defect or configuration, invalid_input
  cpp-regex) echo '#include <regex>
int main() { std::regex r("(ab"); }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault cpp-thread: resource_exhausted (nproc=1)
  cpp-thread) echo '#include <thread>
int main() { std::thread t([] {}); t.join(); }' >m.cc && g++ -w m.cc && ./a.out ;;
  # fault valgrind-invalid: code_defect or crash
  valgrind-invalid) echo '#include <stdlib.h>
int main() { int *p = malloc(8); return p[4]; }' >m.c && gcc -w -g m.c && valgrind -q ./a.out ;;
esac
