# Faults in front of services: what nginx, Apache, HAProxy and Squid log when a request fails. Each server listens on a socket of its own.
n=$LAB_N; work=$(mktemp -d "$PWD/server-XXXXXX"); cd "$work" || exit 1
refused=$LAB_REFUSED; http=$LAB_HTTP
port=$((20000 + n % 9000 + $$ % 900))

nginx_() { # location-body [curl-argument…]: the error log of one request
  location=$1; shift
  cat >nginx.conf <<END
daemon off; master_process off; pid nginx.pid; error_log stderr error;
events { worker_connections ${connections:-32}; }
http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  limit_req_zone \$server_name zone=perhost:1m rate=1r/m; limit_conn_zone \$server_name zone=conns:1m;
  upstream spare { server $refused; server $refused backup; }
  server { listen unix:$work/sock; server_name shop; root $work; $location } }
END
  /usr/sbin/nginx -p "$work" -c nginx.conf 2>error.log & server=$!
  sleep 0.4
  for _ in $(seq "${times:-1}"); do curl -s -o /dev/null -m 3 --unix-socket sock "$@" "http://shop/cart/$n"; done
  sleep 0.2; kill $server 2>/dev/null; wait $server 2>/dev/null
  grep -v 'notice\|the "user" directive' error.log | tail -1 >&2
}
nginx_test() { # configuration
  printf '%s\n' "$1" >nginx.conf; /usr/sbin/nginx -t -p "$work" -c nginx.conf 2>&1 | grep emerg >&2
}
apache_() { # directives [curl-argument…]
  directives=$1; shift; modules=/usr/lib/apache2/modules
  { for m in mpm_event authn_core authz_core authn_file authz_user auth_basic proxy proxy_http alias dir; do
      echo "LoadModule ${m}_module $modules/mod_$m.so"; done
    printf 'Listen 127.0.0.1:%s\nServerName shop\nDocumentRoot %s\nErrorLog error.log\nPidFile apache.pid\nLogLevel error\n%s\n' $port "$work" "$directives"
  } >apache.conf
  mkdir -p run; APACHE_RUN_DIR=$work/run /usr/sbin/apache2 -d "$work" -f apache.conf -X 2>start.log & server=$!
  sleep 1
  curl -s -o /dev/null -m 3 "$@" "http://127.0.0.1:$port/cart/$n"
  sleep 0.2; kill $server 2>/dev/null; wait $server 2>/dev/null
  { [ -s error.log ] && grep -v 'notice' error.log | head -1 || tail -1 start.log; } >&2
}
haproxy_() { # backend-lines [curl-argument…]
  lines=$1; shift
  cat >haproxy.cfg <<END
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 300
  timeout client 2000
  timeout server 300
  timeout queue 200
frontend edge
  bind 127.0.0.1:$port
  default_backend api
backend api
$lines
END
  /usr/sbin/haproxy -f haproxy.cfg >log 2>&1 & server=$!
  sleep 0.8
  curl -s -o /dev/null -m 3 "$@" "http://127.0.0.1:$port/cart/$n"
  sleep 0.3; kill $server 2>/dev/null; wait $server 2>/dev/null
  { grep ' edge ' log || grep -v 'NOTICE\|WARNING' log; } | tail -1 >&2
}
haproxy_test() { printf '%s\n' "$1" >haproxy.cfg; /usr/sbin/haproxy -c -f haproxy.cfg 2>&1 | grep ALERT | head -1 >&2; }

case $1 in
  # fault nginx-refused: connectivity or dependency_unavailable
  nginx-refused) nginx_ "location / { proxy_pass http://$refused; }" ;;
  # fault nginx-reset: connectivity or dependency_unavailable
  nginx-reset) nginx_ "location / { proxy_pass http://$LAB_RESET; }" ;;
  # fault nginx-closing: connectivity or dependency_unavailable
  nginx-closing) nginx_ "location / { proxy_pass http://$LAB_CLOSING; }" ;;
  # fault nginx-untrusted: connectivity or configuration
  nginx-untrusted) nginx_ "location / { proxy_pass https://$LAB_TLS; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; }" ;;
  # fault nginx-stall: timeout
  nginx-stall) nginx_ "location / { proxy_pass http://$http/stall; proxy_read_timeout 300ms; }" ;;
  # fault nginx-silent: timeout
  nginx-silent) nginx_ "location / { proxy_pass http://$LAB_SILENT; proxy_read_timeout 300ms; }" ;;
  # fault nginx-garbage: serialization or dependency_unavailable, connectivity
  nginx-garbage) nginx_ "location / { proxy_pass http://$LAB_GARBAGE; }" ;;
  # fault nginx-no-live: dependency_unavailable or connectivity
  nginx-no-live) times=3 nginx_ "location / { proxy_pass http://spare; }" ;;
  # fault nginx-absent: not_found
  nginx-absent) nginx_ "" ;;
  # fault nginx-sealed: access_denied
  nginx-sealed) ln -s "$LAB_DIR/sealed" cart; nginx_ "" ;;
  # fault nginx-deny: access_denied
  nginx-deny) nginx_ "location / { deny all; }" ;;
  # fault nginx-no-user: access_denied
  nginx-no-user) : >users; nginx_ 'location / { auth_basic "shop"; auth_basic_user_file users; }' -u guest:wrong ;;
  # fault nginx-too-large: invalid_input
  nginx-too-large) head -c 9000 /dev/zero >body; nginx_ "client_max_body_size 1k; location / { proxy_pass http://$http; }" --data-binary @body ;;
  # fault nginx-limited: rate_limited
  nginx-limited) times=3 nginx_ "limit_req zone=perhost; location / { proxy_pass http://$http; }" ;;
  # fault nginx-few-connections: resource_exhausted
  nginx-few-connections) connections=2 nginx_ "location / { proxy_pass http://$http; }" ;;
  # fault nginx-directive: configuration
  nginx-directive) nginx_test "events {} http { server { listen 8099; proxy_pas http://a; } }" ;;
  # fault nginx-upstream-name: configuration or connectivity
  nginx-upstream-name) nginx_test "events {} http { server { listen 8099; location / { proxy_pass http://stock-$n.invalid; } } }" ;;
  # fault nginx-timeout-value: configuration
  nginx-timeout-value) nginx_test "events {} http { proxy_read_timeout soon; server { listen 8099; } }" ;;
  # fault nginx-no-certificate: configuration or not_found
  nginx-no-certificate) nginx_test "events {} http { server { listen 8099 ssl; ssl_certificate /srv/tls/shop-$n.crt; ssl_certificate_key /srv/tls/shop.key; } }" ;;
  # fault apache-refused: connectivity or dependency_unavailable
  apache-refused) apache_ "ProxyPass / http://$refused/" ;;
  # fault apache-stall: timeout
  apache-stall) apache_ "ProxyTimeout 1
ProxyPass / http://$http/stall/" ;;
  # fault apache-closing: connectivity or dependency_unavailable
  apache-closing) apache_ "ProxyPass / http://$LAB_CLOSING/" ;;
  # fault apache-denied: access_denied
  apache-denied) apache_ "<Location />
Require all denied
</Location>" ;;
  # fault apache-wrong-password: access_denied
  apache-wrong-password) echo 'guest:$apr1$abc$abc' >users; apache_ "<Location />
AuthType Basic
AuthName shop
AuthUserFile $work/users
Require valid-user
</Location>" -u guest:wrong ;;
  # fault apache-directive: configuration
  apache-directive) apache_ "ProxyPas / http://$refused/" ;;
  # fault apache-no-module: configuration
  apache-no-module) apache_ "LoadModule tax_module /usr/lib/apache2/modules/mod_tax.so" ;;
  # fault haproxy-refused: connectivity or dependency_unavailable
  haproxy-refused) haproxy_ "  server web1 $refused" ;;
  # fault haproxy-stall: timeout or dependency_unavailable
  haproxy-stall) haproxy_ "  http-request set-path /stall
  server web1 $http" ;;
  # fault haproxy-garbage: serialization or dependency_unavailable, connectivity
  haproxy-garbage) haproxy_ "  server web1 $LAB_GARBAGE" ;;
  # fault haproxy-none: dependency_unavailable
  haproxy-none) haproxy_ "" ;;
  # fault haproxy-denied: access_denied
  haproxy-denied) haproxy_ "  http-request deny
  server web1 $http" ;;
  # fault haproxy-limited: rate_limited
  haproxy-limited) haproxy_ "  http-request deny deny_status 429
  server web1 $http" ;;
  # fault haproxy-keyword: configuration
  haproxy-keyword) haproxy_test "defaults
  mode http
  timeout client 1s
backend api
  blance roundrobin" ;;
  # fault haproxy-timeout-value: configuration
  haproxy-timeout-value) haproxy_test "defaults
  timeout client soon" ;;
esac
