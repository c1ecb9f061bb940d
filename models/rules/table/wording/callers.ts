/** How people and programs put it in plain words that a caller may not, asked wrongly, asked for nothing, or came second. */
import { phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

const THING =
  "{account,address,article,asset,booking,branch,bucket,card,cart,basket,category,client,collection,contract,country,coupon,course,customer,device,document,entry,event,file,folder,group,id,invoice,item,job,key,message,number,object,order,page,parcel,partner,patient,payment,person,picture,policy,product,profile,project,queue,record,reference,report,reservation,resource,role,room,row,seat,shipment,shop,sku,station,stop,store,stream,student,subscription,supplier,team,tenant,ticket,topic,transaction,user,vehicle,voucher,warehouse}";

export const CALLER_WORDS: readonly Rule[] = [
  {
    id: "not-allowed-to",
    class: "access_denied",
    strength: 0.8,
    phrases: phrases(`
      not {the owner,allowed,entitled,authorised,authorized,permitted,signed in,logged in,in the sudoers,privileged,cleared to,cleared for}
      {no,insufficient,lacks,lacks the,missing,without} {right,permit,entitlement,rights,permission,permissions,authority,authorisation,authorization,privilege,privileges,grant,grants,clearance,scope,scopes}
      {must,has to,have to,needs to,please} {sign in,log in,login,authenticate,re authenticate} | {sign in,log in} first
      {has not,did not,was not} {signed in,logged in,authenticated}
      {needs,requires,require,need} {the ,a ,an }{role,right,permission,scope,privilege,approval,signature of}
      {role,permission,scope,privilege} * {is missing,missing,required,needed,denied}
      {only,reserved for} {admins,administrators,owners,the owner,members,managers,staff,editors,supervisors,superusers}
      {may,can} only be * by * {owner,admin,manager}
      {belongs to,owned by,is of} {another,a different,someone else's} {project,tenant,user,customer,account,organisation,organization,company}
      {account,user,access,login,profile,licence holder,guest access} * {locked,blocked,suspended,deactivated,disabled,closed,barred}
      {viewer,guest,reader,anonymous,visitor} {tried,may,cannot,can't,is,wants}
      tried to {delete,open,read,change,edit,see,access,approve,download} * {without,of another,of someone}
      above {his,her,their} {clearance,limit of authority}
      {refused,denied,rejected,forbidden}: * {owner,role,right,permission,policy}
      {access,entry,login,permission,authorization,authorisation} * {denied,refused,rejected,not granted,withheld}
      {second factor,two factor,one time code,otp,captcha} | four eyes | policy {denies,forbids,does not allow}
      {is,are} {barred,banned,blacklisted,not whitelisted,not on the allow list}
      not {in,on} the {allow list,allowlist,whitelist,access list} | ip * {not allowed,blocked}
      {denied,blocked} by {policy,firewall,acl,rbac,admin,the administrator}
    `),
    without: phrases("method not allowed | rate | per minute | cap | file descriptor* | media type"),
    examples: [
      "parcel refused: not the owner",
      "viewer tried to delete report 7",
      "Jonas has no rights on /srv/files/a.bin",
    ],
  },
  {
    id: "credential-refused",
    class: "access_denied",
    strength: 0.82,
    phrases: phrases(`
      {pin,password,passphrase,passcode,secret,token,api key,access key,signature,badge,credential,credentials,login,mandate,session,cookie,bearer,jwt,hmac,csrf,nonce,client secret,otp,link,magic link,invitation,ticket granting ticket} * {rejected,wrong,incorrect,invalid,expired,has expired,revoked,does not match,mismatch,has run out,is not valid,not accepted,refused,unknown,too old,not recognized,malformed}
      {wrong,incorrect,invalid,bad,expired,unknown,revoked,missing,unrecognized,no} {pin,password,passphrase,passcode,secret,token,api key,access key,signature,badge,credential*,login,mandate,session,bearer token,jwt,csrf token,username,user name or password,user or password,authentication,authorization header,auth token}
      signature {age,has expired,does not match,invalid,mismatch,verification}
      {authentication,authorization,authorisation,auth,sasl,login,logon,kerberos,ldap bind} {failed,failure,error,rejected,denied,refused,required,unsuccessful}
      {could not,cannot,unable to,failed to} {authenticate,authorize,authorise,log in,login,verify the signature,verify signature,sign in}
      not authenticated | {revoked,has been revoked,was revoked} | {clock skew,token used before,token used too early,iat,nbf}
      unauthenticated | login required
    `),
    without: phrases(`
      certificate | cert | tls | token * json | unexpected token | invalid token * in | checksum | no such file
      environment variable | not set | package signature | config*
    `),
    examples: [
      "card reader rejected pin of Maria: pin wrong",
      "api key expired yesterday",
      "link for invoice has run out",
    ],
  },
  {
    id: "value-out-of-bounds",
    class: "invalid_input",
    strength: 0.8,
    phrases: phrases(`
      {value,amount,quantity,number,price,age,weight,length,date,year,size,percentage,discount,limit,offset,page,count,rate,total,latitude,longitude} * {out of range,not in range,too large,too small,too high,too low,too big,is negative,is zero,negative,is not positive,outside}
      {must not,may not,cannot,can't,should not,shall not} be {negative,empty,zero,blank,null,in the past,in the future,longer,shorter,greater,less,more,larger,smaller,before,after,right,the same,equal,both}
      {must,should,has to,needs to,shall} {be,have,contain,match,start with,end with,begin with,not contain,not exceed,consist of}
      {needs,requires,expects,takes,allows} {at least,at most,exactly,between,one of,no more than}
      {over,above,below,under,beyond,exceeds,exceeding,outside} {the ,its ,our ,}{allowed ,permitted ,}{limit,maximum,minimum,range,length,size} of
      {less,fewer,more,greater,larger,smaller,shorter,longer} than {allowed,permitted,the minimum,the maximum,expected}
      too {few,many,long,short,large,big,small,early,late,old,young,high,low,heavy,wide} {digits,characters,letters,words,items,positions,recipients,guests,lines,for}
      {minimum,maximum} {is,length,value,order value,amount}
      {end,begin,start,return,arrival,departure,birth} * {is ,lies ,}{before,after,earlier than,later than} {its,the,start,begin,end,today,arrival,departure,birth}
      {date,day,period,time,interval} * {in the past,in the future,does not exist,before,lies}
      {outside,not within} {opening hours,the allowed,the permitted,the valid}
      invalid {length,size,range,index value,amount,quantity,price,currency,country,unit,percentage,coordinates}
    `),
    without: phrases(`
      index * out of range | array | slice | list index | out of memory | heap | config* | setting | environment variable
      array length
    `),
    examples: ["end of the period is before its begin", "quantity -3 is negative"],
  },
  {
    id: "form-is-wrong",
    class: "invalid_input",
    strength: 0.8,
    phrases: phrases(`
      {is,are} {mandatory,obligatory,compulsory} | mandatory {field,parameter,argument,value}
      lacks {the ,a ,an ,its ,}{field,mandatory,required,name,price,date,recipient,address,value}
      {field,parameter,column,attribute,property} * {is empty,is missing,missing,is blank,not given,not filled,was empty,is invalid,not allowed}
      {price,name,address,email,e mail,phone,postcode,zip code,date,country,currency,sku,recipient,quantity,amount,city,street,iban} {is ,}{missing,empty,invalid,wrong,unknown,malformed,not valid,not recognised,not recognized}
      {wrong,invalid,bad,illegal,unsupported,unknown,unexpected,incorrect,malformed} {format,value,argument,parameter,option value,date,time,email,e mail,phone,number,unit,country,currency,postcode,zip,iban,vat,isbn,ean,input,query,filter,sort,cursor,page,locale,timezone,time zone,enum,uuid,url,uri,id,identifier,request,combination,characters,payment method,range,mime type,content type,file type,image format,sort key}
      {check digit,vat number,phone number,card number,account number,tax number} | has no @
      is not {a ,an ,}{number,numeric,integer,date,valid,email,phone,known,supported,allowed value,acceptable}
      {isn't,is not,not} numeric | choose {between,one of,from} | {expected,allowed,permitted,valid} {values,formats,options} are
      {card,payment,cheque,direct debit} {was ,has been ,}{declined,refused,rejected}
      {rejected,refused,declined,left out,skipped}: * {missing,invalid,wrong,empty,too,not,no,bad}
      {order,form,request,message,row,line,record,booking} * {incomplete,not acceptable,makes no sense,nonsense}
      {given,entered,supplied,provided,sent} {a ,an ,}{wrong,invalid,bad,impossible} | cannot be right
      does not {look like,seem to be,make sense,meet,satisfy,comply} | both * and * {given,set}
      cannot {be used together,be combined,be set}
      {unrecognised,unrecognized,unknown} {value,status,type,kind,unit,size,code,action,operation,variant,color,colour,category name}
      contains {illegal,invalid,forbidden,unsupported} | no {items,positions,lines,recipient,recipients} {in,given,on}
    `),
    without: phrases(`
      config* | setting | environment variable | json | token | credential* | certificate | module | password | checksum
      column * row | magic | utf 8 | header checksum | xml | schema | signature
    `),
    examples: [
      "row 14 left out: price missing",
      "mail address of Jonas has no @",
      "vat number of acme has too few digits",
    ],
  },
  {
    id: "thing-unknown",
    class: "not_found",
    strength: 0.8,
    phrases: phrases(`
      no * {with,under,by,of,for} {this ,that ,the ,}{number,id,name,code,key,reference,slug,barcode,serial,sku,email,title,address,token}
      {no,unknown,missing,nonexistent,non existent,no such} ${THING}
      ${THING} * {unknown,not known,not found,is missing,was never,is gone,not in,does not exist,has been deleted,was deleted,was removed,was erased,has left,no longer}
      {nobody,no one,nothing} {is ,}{registered,filed,stored,known,found,listed,by that,with that,under,matches,at}
      not {registered,listed,stored,filed,known,on record,on the list,in stock list,in our system,in the index,in the system}
      {was,has been,were,got} {erased,deleted,removed,archived,withdrawn,purged,moved,taken down,discontinued,delisted}
      {moved,closed} * {old address,removed} | points to a {deleted,removed,missing} | {found,finds} {nothing,no,none}
      {lookup,search,query} * {nothing,no result,no match,came up empty,empty}
      {cannot,could not,couldn't,can't,unable to} {find,locate,look up}
      {no,without} {match,result,results,trace,record,sign} {of,for,found} | has no {entry,record,row,account,order} {for,with,of}
      {file,folder,directory,path,image,picture,attachment,template file,page,document,object,blob,key,record} * {is ,}{missing,absent,not there,not present,gone,unavailable}
      not there | there is no | there are no | does not exist {any more,anymore} | not {available any,exist} | dead link
      dangling {link,reference,pointer to} | {mailbox,address} {closed,unknown} | {is,are} not {here,to be found} | nil returned
      no {document,key,rows,row,entity,object,results,data} {returned,matched,found}
    `),
    without: phrases(`
      module | class | package | command | library | driver | plugin | interpreter | column | table | relation | schema
      migration | setting | config* | environment variable | symbol | executable | instance of | certificate | foreign key
      route to host | address for | dns | host | connection | topic authorization | credential* | token | provider | property
      undefined | partner * down | key size | key length | duplicate | checksum
    `),
    examples: [
      "no bus stop with number 9",
      "nobody is registered under A-17",
      "customer 8 was erased last year",
      "picture of article 9 is missing",
    ],
  },
  {
    id: "somebody-was-first",
    class: "conflict",
    strength: 0.82,
    phrases: phrases(`
      {changed,modified,updated,edited,altered,touched,overwritten,rewritten,saved,moved,replaced,bumped} {by ,}{someone,somebody,another,a different,while,since,in the meantime,meanwhile,at the same,under,in between,concurrently,elsewhere,again before}
      {someone,somebody} else
      {another,other} {user,process,transaction,session,worker,instance,operation,request,colleague,editor,writer,client,job,clerk,git process,caller,thread,run,update,driver} {has,is,was,already,holds,changed,took,got,running,seems,modified,in progress,committed,updated}
      already {exists,exist,taken,booked,used,in use,registered,assigned,claimed,running,locked,processed,paid,shipped,cancelled,canceled,reserved,applied,sent,done,sold,open,opened,closed by,redeemed,there,have,has,been,present,started,in progress,held,checked out,allocated,posted,handled,acquired,a member,subscribed,enrolled}
      {expected,wanted,based on,read} {revision,version,etag,generation,sequence,row version,offset}
      {revision,version,etag,generation} * {is,was} * {expected,wanted,but}
      {etag,revision,version} {mismatch,conflict,does not match,changed,has changed,differs}
      {delivered,given,sent,submitted,used,entered,booked,posted,registered,received,paid,stored,inserted,charged,seen} twice
      double {submit,booking,entry,post,payment,spend,click} | {second,double,repeated} {submission,attempt,copy} | a second time
      {is,are,still} in use {by,elsewhere,and} | {is,was,are} in use | still {with,held by,locked by,open in,used by}
      {held,locked,claimed,owned,occupied,reserved} by
      {lock,lease} * {held,taken,lost,not acquired,could not be acquired,unavailable,busy,timeout,expired before}
      {at the,in the} same {moment,time,instant,second} | {same,identical} {id,number,key,name,slug,order} {already,twice,exists}
      duplicate* | {stale,out of date,outdated} {version,object,state,data,copy,read,revision,entity,etag}
      {newer,later} {version,revision} {exists,found,is} | conflict*
      concurrent {change,changes,update,updates,modification of,edit,edits,write,writes,access by,transaction,booking,request}
      {overlap,overlaps,collides,clashes,clash} | lost update | deadlock* | livelock | serialization {failure,anomaly}
      optimistic {lock,locking,concurrency}
      {could not,cannot,couldn't,unable to,failed to} {acquire,obtain,get,take,lock} {the ,a ,an ,}{exclusive ,}{lock,lease,mutex,row lock,advisory lock}
      unique {constraint,index,key,violation} | must be unique | not unique | has already been {taken,used,processed,submitted}
      transaction * {conflict,retry,restart,aborted due to concurrent} | retry {the ,your ,}transaction | cas {failed,mismatch}
      compare and {set,swap} failed | write write | between read and write
    `),
    without: phrases(`
      address already | port * in use | already disposed | already closed | already mutably | concurrentmodification
      merge conflict marker | dependency conflict | version conflict in package | peer dep* | checksum | already been called
      already executing | already started once | headers already | already been declared | already been consumed
      already been read
    `),
    examples: [
      "the customer's basket was changed by somebody else",
      "expected revision 7, found 9",
      "seat 14 already booked",
      "same message 12 delivered twice, second one dropped",
    ],
  },
];
