#!/usr/bin/perl
# Faults of a Perl mail room.
use strict;
use warnings FATAL => qw(uninitialized numeric substr misc);
use Encode ();
use Errno;
use Fcntl qw(:flock O_CREAT O_EXCL O_WRONLY);
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Storable ();
use Carp qw(croak confess);
use HTTP::Tiny;

package Mailroom::Error { sub new { my ($class, %self) = @_; bless {%self}, $class } sub throw { my $class = shift; die $class->new(@_) } sub message { $_[0]{message} } }
package Mailroom::Denied { our @ISA = ('Mailroom::Error') }
package Mailroom::Busy { our @ISA = ('Mailroom::Error') }

package main;
my ($dir, $n) = @ENV{qw(LAB_DIR LAB_N)};
my $http = "http://$ENV{LAB_HTTP}";

sub fetch { my ($path, $timeout) = @_; my $r = HTTP::Tiny->new(timeout => $timeout // 7)->get("$http$path"); $r->{success} ? $r->{content} : die "GET $path failed: $r->{status} $r->{reason}" . ($r->{status} == 599 ? " ($r->{content})" : '') . "\n" }
sub connect_to { IO::Socket::INET->new(PeerAddr => $_[0], Timeout => 1) or die "cannot connect to $_[0]: $@" }
sub slurp { open my $file, '<', $_[0] or die "Can't open $_[0]: $!"; local $/; <$file> }
sub deep { no warnings 'recursion'; deep($_[0] + 1) }

my %faults = (
    # fault alarm: timeout
    'alarm' => sub { local $SIG{ALRM} = sub { die "timed out after 1 s waiting for the franking machine\n" }; alarm 1; select undef, undef, undef, 5 },
    # fault tiny-timeout: timeout
    'tiny-timeout' => sub { fetch('/stall', 1) },
    # fault read-silent: timeout
    'read-silent' => sub { my $s = connect_to($ENV{LAB_SILENT}); my $r = ''; vec($r, fileno $s, 1) = 1; select($r, undef, undef, .2) or do { $! = Errno::ETIMEDOUT(); die "read from scanner $n: $!" } },
    # fault tcp-refused: connectivity
    'tcp-refused' => sub { connect_to($ENV{LAB_REFUSED}) },
    # fault http-refused: connectivity
    'http-refused' => sub { my $r = HTTP::Tiny->new->get("http://$ENV{LAB_REFUSED}/"); die $r->{content} },
    # fault host-unknown: connectivity
    'host-unknown' => sub { connect_to("stamps-$n.invalid:25") },
    # fault peer-reset: connectivity
    'peer-reset' => sub { my $s = connect_to($ENV{LAB_RESET}); $s->print("HELO $n\r\n"); $s->flush; defined sysread($s, my $line, 100) or die "reading reply: $!" },
    # fault early-eof: connectivity
    'early-eof' => sub { my $s = connect_to($ENV{LAB_CLOSING}); $s->print("HELO $n\r\n"); defined(my $line = <$s>) or die "connection closed by peer before the greeting" },
    # fault pipe-broken: connectivity
    'pipe-broken' => sub { local $SIG{PIPE} = 'IGNORE'; my $s = connect_to($ENV{LAB_RESET}); $s->autoflush(1); for (1 .. 5) { $s->print("x\r\n") or die "print: $!"; select undef, undef, undef, .05 } },
    # fault got-503: dependency_unavailable
    'got-503' => sub { fetch('/status/503') },
    # fault got-502: dependency_unavailable
    'got-502' => sub { fetch('/status/502') },
    # fault service-shut: dependency_unavailable
    'service-shut' => sub { die "postage service says: closed for maintenance, try again later\n" },
    # fault got-429: rate_limited
    'got-429' => sub { fetch('/status/429') },
    # fault smtp-throttled: rate_limited
    'smtp-throttled' => sub { die "421 4.7.0 Too many messages from this client, slow down\n" },
    # fault got-403: access_denied
    'got-403' => sub { fetch('/status/403') },
    # fault got-401: access_denied
    'got-401' => sub { fetch('/status/401') },
    # fault open-denied: access_denied
    'open-denied' => sub { slurp("$dir/secret.txt") },
    # fault unlink-denied: access_denied
    'unlink-denied' => sub { unlink('/etc/hostname') or die "unlink /etc/hostname: $!" },
    # fault kill-denied: access_denied
    'kill-denied' => sub { kill('TERM', 1) or die "kill 1: $!" },
    # fault may-not: access_denied
    'may-not' => sub { Mailroom::Denied->throw(message => "user $n may not open registered mail") },
    # fault weight-negative: invalid_input
    'weight-negative' => sub { croak "weight must be positive, got -$n" },
    # fault not-numeric: invalid_input or code_defect
    'not-numeric' => sub { my $w = '12g'; return $w + 1 },
    # fault got-422: invalid_input
    'got-422' => sub { fetch('/status/422') },
    # fault got-404: not_found
    'got-404' => sub { fetch('/status/404') },
    # fault file-gone: not_found
    'file-gone' => sub { slurp("/srv/data/batch-$n.txt") },
    # fault dir-gone: not_found
    'dir-gone' => sub { opendir my $d, "/srv/data/$n" or die "opendir /srv/data/$n: $!" },
    # fault letter-unknown: not_found
    'letter-unknown' => sub { Mailroom::Error->throw(message => "no letter with barcode $n") },
    # fault exclusive-create: conflict
    'exclusive-create' => sub { sysopen my $f, "$dir/cut.json", O_CREAT | O_EXCL | O_WRONLY or die "sysopen cut.json: $!" },
    # fault lock-held: conflict
    'lock-held' => sub { open my $a, '>', "l$n" or die; flock $a, LOCK_EX; open my $b, '>', "l$n" or die; flock $b, LOCK_EX | LOCK_NB or Mailroom::Busy->throw(message => "sorting run is already active ($!)") },
    # fault got-409: conflict
    'got-409' => sub { fetch('/status/409') },
    # fault dev-full: resource_exhausted
    'dev-full' => sub { open my $f, '>', '/dev/full' or die; print {$f} 'x' x 10000; close $f or die "close spool: $!" },
    # fault handles-gone: resource_exhausted (nofile=20)
    'handles-gone' => sub { my @all; while (1) { open my $f, '<', '/dev/null' or die "open: $!"; push @all, $f } },
    # fault memory-gone: resource_exhausted or crash (as=150000000)
    'memory-gone' => sub { my $s = 'x' x 400_000_000; return length $s },
    # fault fork-refused: resource_exhausted (nproc=1)
    'fork-refused' => sub { defined(my $pid = fork) or die "fork: $!"; POSIX::_exit(0) if !$pid },
    # fault gzip-bad: data_integrity or serialization
    'gzip-bad' => sub { require IO::Uncompress::Gunzip; my $out; IO::Uncompress::Gunzip::gunzip("$dir/crc.gz" => \$out, Strict => 1) or die "gunzip failed: $IO::Uncompress::Gunzip::GunzipError" },
    # fault digest-differs: data_integrity
    'digest-differs' => sub { die "archive $n: md5 in index does not match file\n" },
    # fault storable-damaged: data_integrity or serialization
    'storable-damaged' => sub { Storable::retrieve("$dir/not-a.db") },
    # fault module-absent: configuration
    'module-absent' => sub { require DBD::Oracle },
    # fault env-absent: configuration
    'env-absent' => sub { $ENV{FRANKING_PORT} // die "FRANKING_PORT is not set, see mailroom.conf\n" },
    # fault program-absent: configuration
    'program-absent' => sub { exec { 'franker' } 'franker', '--once' or die "Can't exec franker: $!" },
    # fault bind-taken: configuration
    'bind-taken' => sub { IO::Socket::INET->new(LocalAddr => $ENV{LAB_HTTP}, Listen => 1) or die "listen on $ENV{LAB_HTTP}: $@" },
    # fault perl-too-old: configuration
    'perl-too-old' => sub { eval 'use v7.1; 1' or die $@ },
    # fault symbol-absent: configuration or code_defect
    'symbol-absent' => sub { POSIX->import('frankly') },
    # fault json-bad: serialization
    'json-bad' => sub { decode_json(slurp("$dir/cut.json")) },
    # fault json-html: serialization
    'json-html' => sub { decode_json(fetch('/html')) },
    # fault utf8-bad: serialization
    'utf8-bad' => sub { Encode::decode('UTF-8', slurp("$dir/latin1.txt"), Encode::FB_CROAK) },
    # fault json-code: serialization or code_defect
    'json-code' => sub { encode_json({ f => sub { 1 } }) },
    # fault xml-bad: serialization
    'xml-bad' => sub { require XML::LibXML; XML::LibXML->load_xml(location => "$dir/bad.xml") },
    # fault undef-method: code_defect
    'undef-method' => sub { my $letter; $letter->stamp },
    # fault no-method: code_defect
    'no-method' => sub { Mailroom::Error->stamp },
    # fault unblessed: code_defect
    'unblessed' => sub { my $h = {}; $h->stamp },
    # fault undef-sub: code_defect
    'undef-sub' => sub { no strict 'refs'; &{'weigh_again'}() },
    # fault by-zero: code_defect
    'by-zero' => sub { my $z = 0; return $n / $z },
    # fault not-array: code_defect
    'not-array' => sub { my $h = {}; return push @$h, 1 },
    # fault strict-refs: code_defect
    'strict-refs' => sub { my $s = 'letters'; return @$s },
    # fault uninitialised: code_defect
    'uninitialised' => sub { my %h; return 'to: ' . $h{name} },
    # fault substr-outside: code_defect
    'substr-outside' => sub { my $s = 'ab'; substr($s, 9, 1) = 'x' },
    # fault readonly-value: code_defect
    'readonly-value' => sub { for my $x (1) { $x = 2 } },
    # fault syntax-in-eval: code_defect
    'syntax-in-eval' => sub { eval 'my $x = ;' ; die $@ if $@ },
    # fault assertion: code_defect
    'assertion' => sub { confess "assertion failed: tray $n has a slot" },
    # fault child-signal: crash
    'child-signal' => sub { system 'sh', '-c', 'kill -9 $$'; die "ocr died with signal " . ($? & 127) . "\n" if $? },
);

sub report { my ($error) = @_; my $type = ref $error ? ref $error : 'die'; my $message = ref $error ? $error->message : $error; chomp $message; print "\@\@type $type\n\@\@message $message\n\@\@trace\n$message\n\@\@end\n" }

my $fault = $faults{ $ARGV[0] };
my $mode = $ENV{LAB_MODE};
if ($mode eq 'report') { eval { $fault->(); 1 } or report($@) }
elsif ($mode eq 'wrap') { eval { $fault->(); 1 } or do { my $inner = ref $@ ? $@->message : $@; report(Mailroom::Error->new(message => "tray $n was set aside: $inner")) } }
else { eval { $fault->(); 1 } or die ref $@ ? ref($@) . ': ' . $@->message . "\n" : $@ }
