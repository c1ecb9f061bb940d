/** Authentication and authorisation: HTTP, gRPC, errno, and the exception types of security libraries. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const ACCESS_DENIED_RULES: readonly Rule[] = [
  {
    id: "access-denied-code",
    class: "access_denied",
    strength: 0.94,
    codes: names(`
      http:401 http:403 http:407 http:451 grpc:PERMISSION_DENIED grpc:UNAUTHENTICATED errno:EACCES errno:EPERM errno:EAUTH
      errno:EBADCSRFTOKEN sqlstate:28* sqlstate:42501 mysql:1044 mysql:1045 mysql:1142 mysql:1143 mysql:1227 mysql:1698 mysql:1370
      oracle:ORA-01017 oracle:ORA-01031 oracle:ORA-28000 oracle:ORA-28001 mssql:18456 mssql:229 mongo:13 mongo:18 smtp:5.7.8
      smtp:5.7.1 smtp:5.7.0 smtp:535 curl:67 curl:9
    `),
    examples: [{ attributes: { "http.response.status_code": 403 }, message: "Forbidden" }],
  },
  {
    id: "access-denied-type",
    class: "access_denied",
    strength: 0.94,
    types: names(`
      AccessDeniedException UnauthorizedAccessException PermissionError PermissionDenied PermissionDeniedError
      AuthenticationException AuthenticationError AuthenticationFailed AuthorizationException AuthorizationError
      UnauthorizedException UnauthorizedError ForbiddenException ForbiddenError Forbidden Unauthorized BadCredentialsException
      InvalidTokenException TokenExpiredError ExpiredJwtException JsonWebTokenError NotBeforeError SignatureException
      ExpiredSignatureError InvalidSignatureError InvalidSignatureException SecurityException AccessControlException
      SQLInvalidAuthorizationSpecException CredentialsError NoCredentialsError ExpiredTokenException UnrecognizedClientException
      InvalidClientTokenId SignatureDoesNotMatch AccessDenied InvalidCredentialsException NotAuthorizedException
      NotAuthorizedError LockedException DisabledException AccountExpiredException CredentialsExpiredException
      InsufficientAuthenticationException Pundit::NotAuthorizedError CanCan::AccessDenied TokenMismatchException
      InvalidAuthenticityToken CsrfError BadSignature SignatureExpired SaslAuthenticationException TopicAuthorizationException
      GroupAuthorizationException ClusterAuthorizationException AuthenticationFailureException SecurityTokenExpiredException
      InvalidGrantError OAuth2Error Errno::EACCES Errno::EPERM InvalidPassword InvalidAccessKeyId ExpiredToken SecurityError
      NotAllowedError NotAuthenticated LoginException
    `),
    without: phrases("ssl connection could not be established | remote certificate"),
    examples: [{ type: "io.jsonwebtoken.ExpiredJwtException", message: "JWT expired 3 minutes ago" }],
  },
  {
    id: "access-denied-phrase",
    class: "access_denied",
    strength: 0.9,
    phrases: phrases(`
      permission denied | access denied | access is denied | unauthorized | unauthorised | not authorized | not authorised
      unauthenticated | forbidden | authentication failed | authentication failure | authentication required
      authentication error | invalid credentials | bad credentials | login failed | login incorrect | login was refused
      invalid token | token expired | token has expired | expired token | token is expired | token is invalid | token revoked
      token has been revoked | access token expired | jwt expired | jwt malformed | invalid signature | signature does not match
      signature verification failed | signature mismatch | invalid api key | incorrect api key | api key not valid
      api key expired | wrong password | password mismatch | invalid password | invalid username | incorrect password | wrongpass
      noauth | noperm | password authentication failed | no pg hba.conf entry | must be owner | must be superuser
      insufficient privilege | insufficient privileges | insufficient permissions | insufficient rights | insufficient scope
      insufficient access | operation not permitted | not permitted | not allowed to | is not allowed to
      may not {open,close,reopen,read,see,change,edit,delete,cancel,approve,book,use,access,view,create,update,post,write,publish,enter,do}
      lacks permission | lacks the right | no permission | does not have permission | do not have permission | have no rights
      missing permission | missing permissions | missing scope | missing role | requires role | requires the role
      account is locked | account locked | account disabled | account is disabled | account suspended | session expired
      session has expired | invalid grant | invalid client | access refused | csrf | could not read username | publickey
      access to the path * is denied | credentials | user is disabled | denied by policy | denied by | not logged in
      is not permitted | admins only | only admins | only * may | password expired | not entitled | refused for user
      no authority to | is not the owner | not a member of | is blocked | authenticity token | certificate required
      invalid session | unauthorizedoperation | explicit deny | accessdenied | no basic auth credentials | role * not permitted
      two factor | mfa
    `),
    without: phrases(`
      invalid permissions | certificate verify failed | unable to load credentials from | missing credentials in config
    `),
    examples: ['password authentication failed for user "app"'],
  },
];
