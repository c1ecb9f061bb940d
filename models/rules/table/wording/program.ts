/** How programs put it in plain words that they are wrong, or that they are dead. */
import { phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const PROGRAM_WORDS: readonly Rule[] = [
  {
    id: "program-is-wrong",
    class: "code_defect",
    strength: 0.8,
    phrases: phrases(`
      {should,must,can} {never,not} {happen,be reached,occur,be here,get here,be possible}
      {this,that} {state ,}{is,should be} impossible | impossible {state,case,branch,transition,combination in code}
      {internal,programming,programmer,logic,coding} {inconsistency,mistake,error: bug,bug} | this is a bug | please report this
      {a ,}bug in | invariant {broken,violated,violation,failed}
      {invariant,assertion,precondition,postcondition,contract,sanity check} * {failed,violated,broken,does not hold,not met}
      {null,nil,none,undefined,nothing,nan} {pointer,reference,dereference,value where,object reference,is not an object,is not a function,has no}
      {on,of,for,from,with,called on,to} {null,undefined,nil,none,nonetype} | {is,was,were,got,be} {null,nil,undefined,none}
      {index,subscript,offset,position,slice,substring,array,key} * {out of bounds,out of range,beyond the end,past the end,does not fit}
      off by one | {division,divide,divided,modulo} by zero | divisor is zero | has no {attribute,member,method,property,function}
      no {method,overload,function,constructor,matching function,such method,clause,matching clause,function clause} {matching,for,named,called,found,error,of}
      {does not,doesn't} {respond to,understand,implement,have a method,have a property}
      {undefined,unknown,undeclared,unbound} {method,variable,function,name,identifier,property,local variable,constant,symbol,label,reference to}
      is not {a function,callable,iterable,subscriptable,a constructor,defined,hashable,an instance of,assignable}
      {not,never} {implemented,yet implemented} | todo | unimplemented
      {unhandled,uncovered,unexpected,missing,unmatched} {case,branch,variant,state,enum value,pattern,switch,exception type,nil,null,none,return type,promise rejection,rejection}
      {invalid,illegal,unexpected,wrong} {state,state transition,transition,cast,downcast,operation on,number of arguments,argument count,type for,receiver,memory access in,instruction in}
      {cannot,can't,could not} {cast,be cast,add,concatenate,compare,read properties,read property,set properties,set property,call,unpack non,assign,borrow,invoke,destructure,iterate}
      already {been ,}{disposed,closed,freed,released,consumed,started,called,executing,borrowed,mutably borrowed,operated upon,subscribed to,settled,resolved,rejected,finished,completed by}
      after {close,dispose,free,it was closed,being closed,destroy,shutdown,end}
      on {a ,}closed {file,stream,channel,socket object,resource,resultset,reader}
      {wrong,mismatched,incompatible} {type,types,shape,shapes,dimensions,argument types,number of args}
      {takes,expects,expected,requires} * {argument,arguments,positional,parameters} {but,got,given}
      missing * {positional argument,required positional} | {forgot,forgotten} to
      {called,used,accessed,invoked} {before,twice,outside,without} * {init,initialised,initialized,await,context,being,transaction,it}
      negative {array size,length array,index,capacity,shift,waitgroup}
      {type,name,key,attribute,index,reference,syntax} error in
      {data race,race condition,use after free,double free,memory leak,dangling pointer,buffer overrun,buffer overflow,heap buffer overflow,stack buffer overflow,uninitialized}
      {endless,infinite} {loop,recursion in code,redirect} | {stack,listener} {imbalance,leak} | precondition failed:
      preconditions | reached unreachable | unreachable code | {no,without} default {case,branch} | concurrentmodification
      modified during iteration | {cyclic,circular} {import,reference between} | template {syntax,variable} | wrong thread
      {ui,main} thread | not on the main thread
    `),
    without: phrases(`
      json | environment variable | config* | certificate | module not found | expired | column * null | violates not null
      json at position | token
    `),
    examples: [
      "this state should be impossible: PAID and OPEN",
      "discount rule 4: divided by zero",
      "list.remove(x): invariant broken",
    ],
  },
  {
    id: "something-died",
    class: "crash",
    strength: 0.8,
    phrases: phrases(`
      {process,worker,child,subprocess,container,pod,daemon,runner,renderer,helper,job process,server process,thread group,executor,vm,guest,node,engine,instance,plugin process,sandbox} * {died,dies,crashed,was killed,is dead,disappeared,terminated unexpectedly,exited unexpectedly,ended unexpectedly,exited abnormally,aborted,vanished,gone away,core dumped,fell over,went down hard,killed by}
      {killed,terminated,ended,stopped,died,exited,taken down} {by,on,with,from,due to} {signal,sig*,the kernel,the oom killer,oom killer,kernel,a signal}
      {killed,kill} -9 | sent sigkill | {exit,exited} {code,status} {134,135,136,137,139} | exit status {134,135,136,137,139}
      {was,got,been} {killed,shot,reaped} | {out of memory ,oom ,memory cgroup out of memory}kill*
      {core,crash,heap} dump {written,generated,saved} | dumping core | {wrote,writing} {a ,}{core,crash} {dump,file,report}
      minidump | {kernel,hypervisor,firmware,runtime,jvm,vm,interpreter} {panic,oops,crash,bug,fault,trap,abort}
      {memory,ecc,parity,machine check,hardware,disk,drive,controller,fan,power,thermal,pcie,gpu,bus} {error,failure,failed,fault} {detected,on,at,corrected,uncorrected,event}
      {unexpected,sudden,abrupt,hard,unclean,dirty} {shutdown,reboot,restart,stop,exit,termination,power off}
      {rebooted,restarted} {unexpectedly,by itself,on its own} | {power,mains} {lost,cut,failure,outage}
      {watchdog} {timeout,reset,did not,bit,barked} | {its,the} pid * {no longer exists,is gone} | pid file * stale | is gone,
      {ended,finished,left} without {a word,exit code,saying why,notice} | {bad,unreadable,failing} {sector,sectors,block on disk}
      {illegal,invalid} instruction | {bus,segmentation,access,page} {fault,violation}
      {fatal,unrecoverable} {error in runtime,signal,vm error,internal error in the,python error,hardware,jvm error,exception in kernel}
      {double,triple,general protection} fault | {i/o,io,input/output} error{,s} {on,at,reading,writing,while}
      read only file system after | {restarting,restarted,respawning} * {failed,crashed,dead,too often,too many times}
      start request repeated too quickly | crash loop* | {gave up,giving up} restarting
    `),
    without: phrases(`
      connection * died | request was killed | query was killed | transaction | nil pointer | session was killed
      job was aborted by | timeout of * aborted
    `),
    examples: ["thumbnail worker died, signal 11", "scanner helper disappeared, its pid 4711 no longer exists"],
  },
];
