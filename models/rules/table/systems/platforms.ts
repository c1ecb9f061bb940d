/** Kubernetes, container runtimes, systemd, the Linux kernel, Windows, and the clouds' own error codes. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const PLATFORM_RULES: readonly Rule[] = [
  {
    id: "kubernetes-image",
    class: "configuration",
    strength: 0.95,
    phrases: phrases(`
      imagepullbackoff | image pull back off | errimagepull | err image pull | invalidimagename | createcontainerconfigerror
      createcontainererror | create container config error | runcontainererror | containercannotrun | oci runtime create failed
      failedmount | failed mount | mountvolume.setup failed | configmap * not found | secret * not found
      couldn't find key * in {configmap,secret} | executable file not found in $path | failed to create containerd task
      failed to start container | no matches for kind | unknown field "spec | error validating data | strict decoding error
      admission webhook * denied | serviceaccount * not found | pod has unbound immediate persistentvolumeclaims
      no storage class is set | invalid reference format | back off pulling image
    `),
    without: phrases("toomanyrequests | too many requests | rate limit | no space left | unauthorized | forbidden"),
    examples: ['Error: configmap "shop-settings" not found', 'Back-off pulling image "shop/api:9" ImagePullBackOff'],
  },
  {
    id: "kubernetes-crash",
    class: "crash",
    strength: 0.97,
    phrases: phrases(`
      crashloopbackoff | crash loop back off | back off restarting failed container | back off * restarting failed container
      oomkilled | oom killed | oomkilling | systemoom | container * exited with {code 137,code 139,exit code 137,exit code 139}
      pod sandbox changed, it will be killed | kernel deadlock | taskhung | node rebooted | noderebooted
    `),
    examples: ["CrashLoopBackOff: back-off 5m0s restarting failed container=api"],
  },
  {
    id: "kubernetes-resources",
    class: "resource_exhausted",
    strength: 0.96,
    phrases: phrases(`
      failedscheduling | failed scheduling | insufficient {cpu,pods,ephemeral storage,nvidia.com/gpu}
      nodes are available: * insufficient | the node was low on resource | diskpressure | memorypressure | pidpressure
      disk pressure | evicted | evictionthresholdmet | exceeded quota: | must specify limits | freediskspacefailed | imagegcfailed
      attempting to reclaim | too many pods | nodehasdiskpressure | container runtime out of space
    `),
    examples: ["0/5 nodes are available: 5 Insufficient memory.", "The node was low on resource: ephemeral-storage."],
  },
  {
    id: "kubernetes-node",
    class: "dependency_unavailable",
    strength: 0.92,
    phrases: phrases(`
      nodenotready | node not ready | node is not ready | nodestatusunknown | kubelet stopped posting node status
      readiness probe failed | service has no endpoints | no endpoints available for service | apiservice * unavailable
      the server is currently unable to handle the request | networknotready | container runtime is down | pleg is not healthy
      cni plugin not initialized | leader election lost | leaderelection lost
    `),
    without: phrases("deadline exceeded | connection refused"),
    examples: ['no endpoints available for service "stock"'],
  },
  {
    id: "kubernetes-probe-refused",
    class: "connectivity",
    strength: 0.75,
    phrases: phrases("{liveness,readiness,startup} probe failed"),
    with: phrases("connection refused | connection reset | no route to host"),
    examples: [
      'Readiness probe failed: Get "http://10.1.0.4:8080/ready": dial tcp 10.1.0.4:8080: connect: connection refused',
    ],
  },
  {
    id: "kubernetes-access",
    class: "access_denied",
    strength: 0.95,
    phrases: phrases(`
      is forbidden: user | cannot {get,list,watch,create,update,patch,delete} resource | violates podsecurity | pull access denied
      no basic auth credentials | unauthorized: authentication required | requested access to the resource is denied
      x509: * cannot sign request | you must be logged in to the server
    `),
    without: phrases("exceeded quota"),
    examples: ['pods is forbidden: User "system:serviceaccount:shop:api" cannot list resource "pods" in API group ""'],
  },
  {
    id: "kubernetes-conflict",
    class: "conflict",
    strength: 0.96,
    phrases: phrases(
      'the object has been modified; please apply your changes | operation cannot be fulfilled on | alreadyexists | already exists * kubernetes | the container name * is already in use | conflict with "* using',
    ),
    examples: [
      'Operation cannot be fulfilled on deployments.apps "api": the object has been modified; please apply your changes to the latest version and try again',
    ],
  },
  {
    id: "systemd-set-up",
    class: "configuration",
    strength: 0.965,
    phrases: phrases(`
      failed at step {exec,chdir,user,group,namespace,environment,credentials} | unit * not found | .service not found
      status=203/exec | status=217/user | status=200/chdir | bad unit file setting | unknown {lvalue,key name}
      failed to load environment files | unit is masked | executable path is not absolute | unknown section
      failed to determine user credentials | changing to the requested working directory failed
    `),
    examples: [
      "shop.service: Failed at step EXEC spawning /opt/shop/run: No such file or directory",
      "Unit rates.service not found.",
    ],
  },
  {
    id: "systemd-died",
    class: "crash",
    strength: 0.95,
    phrases: phrases(`
      main process exited, code=killed | main process exited, code=dumped | code=killed, status= | code=dumped, status=
      failed with result 'signal' | failed with result 'core dump' | failed with result 'oom kill' | failed with result 'watchdog'
      start request repeated too quickly | watchdog timeout (limit | a process of this unit has been killed by the oom killer
      systemd coredump * process | dumped core
    `),
    examples: ["api.service: Main process exited, code=killed, status=9/KILL"],
  },
  {
    id: "systemd-slow",
    class: "timeout",
    strength: 0.95,
    phrases: phrases(`
      start operation timed out | stop sigterm timed out | failed with result 'timeout' | state 'stop sigterm' timed out
      job * timed out | timed out waiting for device | a start job is running for | dependency failed * timed out
    `),
    examples: ["db.service: start operation timed out. Terminating."],
  },
  {
    id: "kernel-died",
    class: "crash",
    strength: 0.965,
    phrases: phrases(`
      kernel panic | bug: unable to handle | kernel bug at | bug: soft lockup | oops: | general protection fault
      unable to handle kernel | watchdog: bug | hard lockup | rcu sched detected stalls | rcu: * self detected stall | call trace:
      machine check exception | mce: [hardware error] | hardware error | edac * ce | edac * ue | not syncing
      out of memory: kill* process | memory cgroup out of memory | oom kill* | invoked oom killer | segfault at * ip
      traps: * trap | i/o error, dev | blk update request: | buffer i/o error | ata* failed command | medium error
      unrecovered read error | controller is down; will reset | nvme * {timeout,reset} | scsi error | end request: i/o error
      exception emask | md/raid* disk failure | remounting filesystem read only | ext4 fs error * remount
      xfs * shutting down filesystem | critical medium error | thermal | pcieport * aer
    `),
    without: phrases("hardware checksum failure on nic | systemd job"),
    examples: [
      "BUG: unable to handle page fault for address: ffffdeadbeef",
      "nvme nvme0: controller is down; will reset: CSTS=0xffffffff",
      "Out of memory: Killed process 4711 (java) total-vm:8123456kB",
    ],
  },
  {
    id: "kernel-file-system-wrong",
    class: "data_integrity",
    strength: 0.96,
    phrases: phrases(`
      ext4 fs error | xfs * corruption | metadata corruption detected | btrfs * checksum | btrfs * csum failed
      structure needs cleaning | superblock * bad | bad magic number in super block | journal has aborted | dirty bit is set
      bad block | zfs * cksum | one or more devices has experienced * corruption | wrong fs type, bad option, bad superblock
      checksum error at logical
    `),
    codes: names("errno:EUCLEAN errno:EBADMSG"),
    without: phrases("i/o error, dev"),
    examples: ["EXT4-fs error (device sda1): ext4_find_entry: reading directory lblock 0"],
  },
  {
    id: "kernel-network",
    class: "connectivity",
    strength: 0.96,
    phrases: phrases(`
      link is {down,not ready} | nic link is down | netdev watchdog | transmit queue * timed out | carrier lost | no carrier
      tx timeout | neighbour table overflow | bond* link status definitely down | martian source | interface * is down
    `),
    without: phrases("table full"),
    examples: ["NETDEV WATCHDOG: eth0 (ixgbe): transmit queue 3 timed out", "e1000e: eth0 NIC Link is Down"],
  },
  {
    id: "kernel-tables-full",
    class: "resource_exhausted",
    strength: 0.96,
    phrases: phrases(`
      table full, dropping packet | neighbour table overflow | page allocation failure | vfs: file max limit
      fork rejected by pids controller | too many orphaned sockets | out of socket memory | cgroup: fork rejected | fs.inotify
      blockingioerror * fork | fork: {retry: ,}resource temporarily unavailable | resource temporarily unavailable: fork
      user limit of inotify | oom: no killable | no space left on device
    `),
    examples: [
      "nf_conntrack: nf_conntrack: table full, dropping packet",
      { type: "BlockingIOError", message: "[Errno 11] Resource temporarily unavailable: fork" },
    ],
  },
  {
    id: "files-permission",
    class: "access_denied",
    strength: 0.93,
    phrases: phrases(`
      permission denied | operation not permitted | access is denied | read only file system | eacces | eperm
      cannot open * permission | you need to be root | must be run as root | are you root | sudo: a password is required
      is not in the sudoers file | not permitted by | unable to lock * are you root
    `),
    codes: names("errno:EACCES errno:EPERM"),
    without: phrases(`
      listen eacces | bind() to | bind: permission | spawn * | publickey | /dev/ttyusb | exec format | docker.sock * group
    `),
    examples: [
      "cat: /etc/shadow: Permission denied",
      { type: "PermissionError", message: "[Errno 13] Permission denied: '/srv/key.pem'" },
    ],
  },
  {
    id: "windows-status",
    class: "crash",
    strength: 0.95,
    codes: names(`
      ntstatus:0xc0000005 ntstatus:0xc00000fd ntstatus:0xc0000374 ntstatus:0xc0000409 ntstatus:0xc000001d ntstatus:0xc0000420
      ntstatus:0xe0434352 ntstatus:0xc0000094
    `),
    phrases: phrases(`
      faulting application name | exception code: 0x* | stop: 0x* | bugcheck | bug check code
      terminated unexpectedly. it has done this | the system has rebooted without cleanly
    `),
    examples: ["Faulting application name: api.exe, version: 1.0.0.0, exception code: 0xc0000005"],
  },
  {
    id: "windows-missing-dll",
    class: "configuration",
    strength: 0.95,
    codes: names(`
      ntstatus:0xc0000135 ntstatus:0xc000007b ntstatus:0xc0000139 hresult:0x8007007e hresult:0x800700c1 hresult:0x80040154
    `),
    phrases: phrases(`
      class not registered | side by side configuration is incorrect | %1 is not a valid win32 application
      the specified module could not be found | application was unable to start correctly | .dll was not found
    `),
    examples: ["The application was unable to start correctly (0xc000007b)."],
  },
  {
    id: "windows-access",
    class: "access_denied",
    strength: 0.95,
    codes: names("hresult:0x80070005 hresult:0x8007052e hresult:0x80070522 hresult:0x80090322 hresult:0x8009030c"),
    phrases: phrases(`
      access to the path * is denied | a required privilege is not held | the user name or password is incorrect
      requires elevation | system error 5 has occurred | system error 1326 | logon type has not been granted
    `),
    examples: ["Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))"],
  },
  {
    id: "windows-sharing",
    class: "conflict",
    strength: 0.94,
    codes: names("hresult:0x80070020 hresult:0x80070021 hresult:0x800700b7 hresult:0x80070050"),
    phrases: phrases(`
      because it is being used by another process | sharing violation | cannot create a file when that file already exists
      the requested resource is in use | text file busy | device or resource busy | target is busy | being used by another
    `),
    examples: [
      {
        type: "System.IO.IOException",
        message: "The process cannot access the file 'C:\\data\\in.csv' because it is being used by another process.",
      },
    ],
  },
  {
    id: "cloud-throttle",
    class: "rate_limited",
    strength: 0.97,
    types: names(`
      ThrottlingException Throttling ThrottledException RequestLimitExceeded ProvisionedThroughputExceededException
      TooManyRequestsException SlowDown RequestThrottled RequestThrottledException LimitExceededException PriorRequestNotComplete
      EC2ThrottledException BandwidthLimitExceeded OperationLimitExceeded SubscriptionRequestsThrottled RateLimitExceeded
      userRateLimitExceeded rateLimitExceeded quotaExceeded dailyLimitExceeded QuotaExceeded insufficientQuota insufficient_quota
      rate_limit_exceeded rate_limit_error ServiceQuotaExceededException KMSThrottlingException
    `),
    phrases: phrases(`
      rate exceeded | please reduce your request rate | quota exceeded for quota metric | request rate is large
      exceeded your current quota | throughput exceeds the current capacity | level of configured provisioned throughput
      reached your pull rate limit | toomanyrequests | api rate limit exceeded | secondary rate limit | sandbox limit exceeded
      request was throttled
    `),
    examples: [
      "An error occurred (ThrottlingException) when calling the ListPods operation (reached max retries: 4): Rate exceeded",
    ],
  },
  {
    id: "cloud-access",
    class: "access_denied",
    strength: 0.97,
    types: names(`
      AccessDenied AccessDeniedException UnauthorizedOperation UnauthorizedAccess InvalidClientTokenId UnrecognizedClientException
      SignatureDoesNotMatch ExpiredToken ExpiredTokenException InvalidAccessKeyId AuthFailure RequestExpired RequestTimeTooSkewed
      TokenRefreshRequired InvalidSignatureException MissingAuthenticationToken MissingAuthenticationTokenException
      NotAuthorizedException IncompleteSignature OptInRequired KMSAccessDeniedException AuthorizationFailed AuthenticationFailed
      AuthorizationFailure InvalidAuthenticationToken InvalidAuthenticationTokenTenant ExpiredAuthenticationToken
      LinkedAuthorizationFailed AuthorizationPermissionMismatch InsufficientAccountPermissions AccountIsDisabled PERMISSION_DENIED
      UNAUTHENTICATED ACCESS_TOKEN_SCOPE_INSUFFICIENT RefreshError invalid_grant invalid_client unauthorized_client access_denied
    `),
    phrases: phrases(`
      is not authorized to perform | explicit deny | no identity based policy allows | does not have * access to the google cloud
      aadsts* | the request signature we calculated does not match
      the security token included in the request is {invalid,expired} | does not have authorization to perform action
      caller does not have permission | reauthentication is needed | account has been disabled
      you are not authorized to perform this operation
    `),
    examples: ["An error occurred (AccessDenied) when calling the PutObject operation: Access Denied"],
  },
  {
    id: "cloud-absent",
    class: "not_found",
    strength: 0.96,
    types: names(`
      NoSuchKey NoSuchBucket NoSuchUpload NoSuchVersion NoSuchEntity NoSuchEntityException ResourceNotFoundException
      ResourceNotFound NotFoundException QueueDoesNotExist QueueDoesNotExistException BlobNotFound ContainerNotFound ShareNotFound
      ResourceGroupNotFound SecretNotFound DBInstanceNotFound LogGroupNotFound InvalidInstanceID.NotFound FunctionNotFound
      StackNotFound TopicNotFound StreamNotFound HostedZoneNotFound DeploymentNotFound BucketNotFound SubscriptionNotFound
      ParameterNotFound RepositoryNotFoundException ImageNotFoundException InvalidAMIID.NotFound InvalidGroup.NotFound
    `),
    phrases: phrases(`
      the specified {key,bucket,blob,container,queue,upload,resource,secret,log group,log stream} does not exist
      requested resource not found | requested entity was not found | can't find the specified secret | no such object:
      specified blob does not exist
    `),
    examples: ["An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist."],
  },
  {
    id: "cloud-conflict",
    class: "conflict",
    strength: 0.96,
    types: names(`
      ConditionalCheckFailedException TransactionConflictException TransactionCanceledException ResourceInUseException
      BucketAlreadyExists BucketAlreadyOwnedByYou EntityAlreadyExists EntityAlreadyExistsException ResourceConflictException
      OperationAborted PreconditionFailed ConditionNotMet LeaseAlreadyPresent LeaseIdMissing BlobAlreadyExists
      ContainerAlreadyExists ContainerBeingDeleted ResourceExistsException DBInstanceAlreadyExists InvalidDBInstanceState
      IncorrectInstanceState OptimisticConcurrencyException AnotherOperationInProgress ConflictException DeleteConflict
      QueueDeletedRecently UpdateConditionNotSatisfied IdempotentParameterMismatch
    `),
    phrases: phrases(`
      the conditional request failed | transaction cancelled, please refer cancellation reasons | another operation is in progress
      update is in progress | the condition specified using http conditional header(s) is not met
      there is currently a lease on the | etag mismatch | conditionalcheckfailed
    `),
    examples: [
      "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed",
    ],
  },
  {
    id: "cloud-unavailable",
    class: "dependency_unavailable",
    strength: 0.95,
    types: names(`
      ServiceUnavailable ServiceUnavailableException InternalFailure InternalServiceError InternalServerException
      InternalServiceException ServerBusy InsufficientInstanceCapacity DependencyThrottled KMSInternalException
      EC2ServiceUnavailable backendError ModelNotReadyException ModelErrorException overloaded_error OverloadedError
      DependencyFailedException ServiceBusy
    `),
    phrases: phrases(`
      we encountered an internal error. please try again | the server is busy | insufficient capacity in the availability zone
      the service is currently unavailable | engine is currently overloaded | region is not available
      zone does not have enough resources | zone resource pool exhausted | overloaded error
    `),
    examples: [
      "An error occurred (ServiceUnavailable) when calling the GetItem operation: We encountered an internal error. Please try again.",
    ],
  },
  {
    id: "cloud-input",
    class: "invalid_input",
    strength: 0.93,
    types: names(`
      ValidationException InvalidParameterValue InvalidParameterCombination InvalidParameterValueException MissingParameter
      MalformedPolicyDocument MalformedXML InvalidBucketName EntityTooLarge EntityTooSmall InvalidArgument InvalidRange
      InvalidPart InvalidRequestContent InvalidTemplate InvalidParameter BadRequestException InvalidResourceName
      RequestBodyTooLarge InvalidQueryParameterValue InvalidInput INVALID_ARGUMENT badRequest invalid_request_error
      context_length_exceeded UnprocessableEntity
    `),
    phrases: phrases(`
      one or more parameter values were invalid | the provided key element does not match the schema
      value * at * failed to satisfy constraint | your proposed upload exceeds | maximum context length
      is not in the allowed set
    `),
    examples: [
      "An error occurred (ValidationException) when calling the PutItem operation: One or more parameter values were invalid: Missing the key id in the item",
    ],
  },
  {
    id: "hpc-and-batch",
    class: "resource_exhausted",
    strength: 0.9,
    phrases: phrases(`
      slurmstepd: error: detected * oom | exceeded job memory limit | due to time limit * memory
      container killed by yarn for exceeding memory | exceeding memory limits | running beyond physical memory limits
      gc overhead limit | spark.driver.maxresultsize | result size exceeds | not enough slots available in the system
    `),
    examples: ["Container killed by YARN for exceeding memory limits. 5.5 GB of 5.5 GB physical memory used."],
  },
  {
    id: "batch-time",
    class: "timeout",
    strength: 0.94,
    phrases: phrases(`
      due to time limit | task timed out after * seconds | activity task timed out | starttoclose timeout
      scheduletostart timeout | execution timed out | function timed out | states.timeout | job exceeded its deadline
      deadlineexceeded | was active longer than specified deadline | worker timeout (pid | hard time limit
      time limit (* exceeded | timelimitexceeded
    `),
    examples: [
      "2026-01-01T00:00:00Z 4711 Task timed out after 3.00 seconds",
      "Job was active longer than specified deadline",
    ],
  },
];
