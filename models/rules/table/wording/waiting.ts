/** How people and programs put it in plain words that something was late, cut off, out of order or too much. */
import { phrases, TIME_UNIT, UNABLE } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const WAITING_WORDS: readonly Rule[] = [
  {
    id: "no-answer-in-time",
    class: "timeout",
    strength: 0.8,
    phrases: phrases(`
      no {answer,reply,response,confirmation,acknowledgement,acknowledgment,ack,result,progress} * {after,within,for,in} * ${TIME_UNIT}
      {did not,didn't,does not,never} {answer,respond,reply,return,finish,complete,terminate,start,stop,come back,acknowledge} {within,in time,after,before the,for}
      {did not,didn't} {answer,respond,reply,finish,complete} in * ${TIME_UNIT} | never {answered,replied,responded,came back}
      not {finished,done,ready,confirmed,completed,answered,acknowledged,delivered,received,available} {within,in time,before the deadline}
      nothing {heard,received,came back,arrived} * for * ${TIME_UNIT}
      {nothing,no word} {heard,came} from * {for,since,within,after} | {waited,waiting} * ${TIME_UNIT} | {waited,waiting} too long
      {gave,giving,gives} up {after,waiting} | tired of waiting | still {no,without} {answer,reply,response,confirmation,result}
      still {running,pending,waiting,busy} after | no data {received,arrived} for | silent for * ${TIME_UNIT}
      unresponsive {for,since} | not responding | {poll,polling} * {gave up,ended without}
      without {an answer,a reply,a response,any answer,any reply,any response} | remained unanswered
    `),
    without: phrases("lock | pool | connection lost | restart | crashed"),
    examples: ["label 88 not printed: no reply after 1500 ms", "warehouse did not answer within 5 s"],
  },
  {
    id: "budget-of-time-spent",
    class: "timeout",
    strength: 0.8,
    phrases: phrases(`
      {abandoned,cancelled,canceled,aborted,interrupted,stopped,cut,cut off,ended,dropped,killed,failed,stalled} after * ${TIME_UNIT}
      {exceeded,exceeds,over,beyond,past,above} {the,its,our,a} {maximum,max,allowed,permitted,configured,agreed} {run time,runtime,time,duration}
      {exceeded,exceeds,over,beyond,past,missed,blew,overran} {the,its,their,our} {deadline,time limit,time budget,time slot,time box,cutoff,cut off time}
      {time,time limit,deadline,time budget,time slot} {was ,is ,has been ,}{exceeded,missed,passed,expired,used up,over,elapsed,overrun,reached,spent}
      {limit,budget,maximum,allowance} of * ${TIME_UNIT} {is ,was ,}{reached,passed,exceeded,spent,used up,over}
      {longer,slower,more} than {the ,}{allowed,permitted,agreed} | {longer,more} than * ${TIME_UNIT} | took * {longer,too long}
      {stuck,hanging,hung,pending,blocked,stalled,unanswered,frozen} {for,since} * ${TIME_UNIT}
      {window,slot} of * {passed,elapsed,closed} before
      {request,call,job,message,task,command,operation,invocation} {has ,is ,}expired | ran out of time | out of time | time is up
      too slow | {run time,runtime,time,duration} limit | took * {ms,s}, {limit,allowed,budget}
      {exceeding,exceeds,exceeded} * ${TIME_UNIT}
    `),
    without: phrases(`
      token | certificate | session | password | link | licen* | lock | rate | per minute | per second | per hour | requests
    `),
    examples: ["report for Maria abandoned after 40 seconds", "backup overran its deadline"],
  },
  {
    id: "line-went-dead",
    class: "connectivity",
    strength: 0.8,
    phrases: phrases(`
      {connection,link,line,uplink,socket,tunnel,channel,session,circuit,cable} * {was ,is ,has been ,got ,}{lost,dropped,broken,cut,interrupted,severed,torn down,down,dead,gone,failed}
      {lost,dropped,losing,drops} {the ,its ,our ,}{connection,link,line,uplink,contact,carrier,signal,call}
      ${UNABLE} {reach,contact,dial,talk to,get through to,resolve,look up,ping}
      {cannot,could not,can't} be {reached,contacted,resolved,dialled,looked up} | hung up
      {peer,server,remote,host,client,node} {has ,was ,}{vanished,disappeared,went away,gone away,left,hung up,closed,dropped}
      {nothing,nobody,no one,no process} {is listening,listens,answers} {on,at}
      no {link,signal,network,route,path,carrier,internet} {to,from} | {offline,unreachable,disconnected,unplugged}
      no {longer ,}connect* to | is not connected | not connected | name server * {does not know,no answer,refused}
      {does not,cannot} resolve | no {address,addresses,dns record,a record,ip} for | eof while {talking,reading from,connected}
      {closed,shut} {the door,the line,in our face} | cannot open a connection
      ${UNABLE} {open,establish,make,get,create,set up,initiate} {a ,an ,the ,}{new ,}{network ,tcp ,tls ,ssl ,secure ,}{connection,link,tunnel,session} to
    `),
    without: phrases(
      "circuit breaker | pool | certificate path | license server | mailbox | token | unreachable: | unreachable code",
    ),
    examples: ["uplink to depot 4 lost in the middle of the upload", "nothing listens on 10.0.0.7:8443"],
  },
  {
    id: "certificate-words",
    class: "connectivity",
    strength: 0.82,
    phrases: phrases(`
      {certificate,cert,server certificate} * {not trusted,untrusted,expired,has expired,not yet valid,revoked,does not match,mismatch,not valid,is invalid,self signed,verification failed,could not be verified,verify error}
      {certificate,cert} {chain,path,name,verification,validation} * {error,failed,invalid,incomplete,not found,unable}
      {untrusted,invalid,expired,revoked,unknown} {server ,peer ,root ,}{certificate,cert,issuer}
      issuer * {not trusted,unknown,untrusted}
      {tls,ssl,dtls,quic} * {handshake,alert,shut down,closed,negotiation,protocol error,version}
      {handshake,negotiation} {failed,error,failure,rejected,refused} | no {common,shared} cipher{,s}
      no {mutual,common} {cipher,protocol,algorithm} | could not negotiate
    `),
    without: phrases("no such file | password | websocket"),
    examples: ["the certificate of files.example.com is not trusted here", "TLS alert received: handshake_failure"],
  },
  {
    id: "closed-for-now",
    class: "dependency_unavailable",
    strength: 0.8,
    phrases: phrases(`
      temporarily {closed,unavailable,out of service,out of order,down,disabled,offline,not available} | come back later
      try {again ,}later | {closed,unavailable,down,offline,in maintenance,out of service} until
      {planned,scheduled} {downtime,maintenance,outage} | {under,in,for} maintenance | {warming,starting,booting,spinning} up
      still starting | not yet {ready,up,started,available}
      {cannot,can't,does not} {take,accept,serve} {requests,orders,writes,traffic,work,calls,new}
      not {accepting,taking,serving,answering} {requests,orders,new,writes,reads,traffic,connections,work,jobs,calls}
      no {healthy,available,active,live,ready,working,usable,reachable,eligible} {instance,replica,node,backend,upstream,server,endpoint,broker,host,pod,member,leader,provider,target,peer,shard,copy,copies,worker}{,s}
      no {instance,replica,node,backend,member,copy} of * {healthy,available,alive,up,ready,left}
      {writes,reads,requests,work} {are ,were ,}{refused,suspended,rejected,blocked}
      {is,are,was,seems,currently} {degraded,overloaded,out of order,being moved,being migrated,swamped,saturated}
      {too busy,at capacity} | shed {the request,load,requests,traffic} | load shedding | {load,backlog} too high
      {refuses,refused,refusing,rejects} {new ,all ,}{work,jobs,requests,orders}
      {provider,supplier,partner,carrier,backend,upstream,downstream,gateway,vendor,bank,service,api,feed,registry} * {is,was,are} {down,unavailable,overloaded,degraded,broken,failing,in trouble,not available,not reachable right now}
      failing over | {failover,switchover,election} {in progress,ongoing,running}
      lost {its ,the ,}{leader,primary,master,quorum,majority} | no {quorum,majority,primary,master,coordinator}
      {standby,replica,follower,secondary} {only,is not,cannot,refuses}
      not enough {good ,live ,alive ,}{replicas,nodes,copies,members,brokers} | breaker * {open,tripped,opened}
      {tripped,opened} the breaker | short circuited | fail fast
    `),
    without: phrases(`
      address already | resource temporarily | too many requests | quota | file descriptor* | disk | memory | certificate
      database is locked
    `),
    examples: [
      "carrier API temporarily closed",
      "NOREPLICAS Not enough good replicas to write.",
      "no instance of pricing is healthy",
    ],
  },
  {
    id: "upstream-said-5xx",
    class: "dependency_unavailable",
    strength: 0.8,
    phrases: phrases(`
      {said,says,answered,answers,returned,returns,gave,replied,replies,responded,got,sent,received} {with ,a ,an ,us ,us a ,with a ,with an ,http ,status ,}{500,502,503,504,521,522,523,529,5xx}
      {upstream,backend,origin,dependency,downstream} {error,failure,failed,fault}
      {error,failure} {from,in,of} {upstream,backend,origin,the provider,the supplier}
    `),
    examples: ["upstream stock-3 said 502"],
  },
  {
    id: "over-an-allowance",
    class: "rate_limited",
    strength: 0.8,
    phrases: phrases(`
      too many * {per,in a,within,in the last,in one,this} {second,minute,hour,day,month,short,few,window}
      {calls,requests,messages,queries,lookups,emails,mails,sms,searches,uploads,downloads,logins,events,writes,reads} {per,an,a,this,today} {second,minute,hour,day,month,window}
      {daily,hourly,monthly,weekly,per minute,per second,per hour,annual,yearly} {cap,limit,quota,allowance,contingent,volume,budget,ceiling,maximum,allotment}
      fair {use,usage}
      {allowance,contingent,contingency,allotment,credits} * {is ,was ,are ,has been ,}{spent,used up,exhausted,exceeded,consumed,gone}
      free {tier,plan} | {plan,tariff,subscription} {limit,allows only,allows} | token bucket | leaky bucket
      {is all,all} we are allowed | all * {is,are} allowed | {wait,retry,try again} * ${TIME_UNIT} {before,and} | retry after
      retry in | cool down | cooling down | next {call,request} allowed
      {sending,calling,asking,requesting,publishing,polling} too {fast,often,much,frequently,quickly} | too {fast,often,frequent}
      flood {control,wait,protection} | throttl* | {rate,request,call,api} {limit*,cap,ceiling}
      over {the,our,its,your} {rate,quota,daily,hourly,monthly,request} | used up * {quota,calls,requests}
      {limit,cap} of * {per,an,a} {second,minute,hour,day,month} | {slow,back} {it ,}down
      exceed* {the ,your ,our ,its ,}{rate,quota,requests,number of requests,call limit}
      {temporarily ,}{banned,blocked} {for,because of} {too many,flooding,abuse} | concurrency limit | burst {exceeded,capacity}
    `),
    without: phrases("disk quota | memory quota | too many open files | system limit"),
    examples: [
      "geocoder refused: 10000 requests over the daily cap",
      "too many parcels per minute",
      "rates feed: fair use exceeded",
    ],
  },
];
