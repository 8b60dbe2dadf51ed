package realtest

// dovecotConf sets Dovecot 2.3 up. Postfix logs in through its auth socket.
const dovecotConf = `
base_dir = {{.Dir}}/{{if .TLSPart}}run-tls{{else}}run{{end}}
log_path = {{.Dir}}/dovecot.log
auth_verbose = yes
protocols = imap pop3
listen = {{.Addr}}
instance_name = {{.Addr}}{{if .TLSPart}}-tls{{end}}
mail_location = maildir:{{.Dir}}/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
ssl = {{if .Clear}}no{{else}}yes{{end}}
ssl_cert = <{{.Cert}}
ssl_key = <{{.Key}}
{{if .AltCert}}ssl_alt_cert = <{{.AltCert}}
ssl_alt_key = <{{.AltKey}}
{{end}}{{if .C.TLS10}}ssl_min_protocol = TLSv1
ssl_cipher_list = ALL:@SECLEVEL=0
import_environment = TZ OPENSSL_CONF={{.Dir}}/openssl.cnf
{{else}}ssl_min_protocol = TLSv1.2
{{end}}disable_plaintext_auth = {{if .Clear}}no{{else}}yes{{end}}
auth_mechanisms = {{join .Mechanisms " "}}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {{.Dir}}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home={{.Dir}}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = {{if .TLSPart}}0{{else}}143{{end}}
  }
  inet_listener imaps {
    port = {{if or .Clear .C.NoTLSPorts}}0{{else}}993{{end}}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = {{if .TLSPart}}0{{else}}110{{end}}
  }
  inet_listener pop3s {
    port = {{if or .Clear .C.NoTLSPorts}}0{{else}}995{{end}}
    ssl = yes
  }
}
{{if not .TLSPart}}service auth {
  unix_listener {{.Dir}}/spool/private/auth {
    mode = 0666
  }
}
{{end}}service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
{{.C.Dovecot}}
`

// mainCF and masterCF set Postfix up as a submission server that delivers nothing.
const mainCF = `
compatibility_level = 3.6
queue_directory = {{.Dir}}/spool
data_directory = {{.Dir}}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {{.Dir}}/postfix.log
maillog_file_prefixes = {{.Dir}}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
mynetworks =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
default_transport = discard:
local_transport = discard:
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_tls_cert_file = {{.Cert}}
smtpd_tls_key_file = {{.Key}}
smtpd_tls_auth_only = {{if .Clear}}no{{else}}yes{{end}}
smtpd_tls_mandatory_protocols = {{if .C.TLS10}}TLSv1{{else}}>=TLSv1.2{{end}}
smtpd_tls_protocols = $smtpd_tls_mandatory_protocols
{{if .C.TLS10}}tls_medium_cipherlist = ALL:@SECLEVEL=0
{{end}}smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
alias_maps =
alias_database =
{{.C.Postfix}}
`

const masterCF = `
{{.Addr}}:587 inet n - n - 50 smtpd
  -o smtpd_tls_security_level={{if .Clear}}none{{else}}encrypt{{end}}
{{if not .C.NoTLSPorts}}{{.Addr}}:465 inet n - n - 50 smtpd
  -o smtpd_tls_wrappermode=yes
{{end}}cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
anvil unix - - n - 1 anvil
discard unix - - n - - discard
error unix - - n - - error
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
