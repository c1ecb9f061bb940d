/** How people and programs put it in plain words that something ran out, is broken, is set up wrongly or cannot be read. */
import { phrases, UNABLE } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const STATE_WORDS: readonly Rule[] = [
  {
    id: "ran-out-of",
    class: "resource_exhausted",
    strength: 0.8,
    phrases: phrases(`
      {out of,ran out of,run out of,running out of,short of,low on,no more,no,not enough,insufficient,exhausted} {memory,ram,heap,stack space,swap,disk,disk space,storage,storage space,space,room,inodes,handles,file handles,descriptors,file descriptors,threads,workers,slots,sockets,ports,buffers,buffer space,capacity,shared memory,gpu memory,video memory,pids,processes,semaphores,locks available,resources,system resources}
      no {room,space,memory,slots,capacity,threads,workers,connections} {left,in,for,available,remaining,free}
      {disk,volume,partition,file system,filesystem,drive,spool,buffer,queue,pool,cache,table,tablespace,heap,mailbox store,log,backlog,mempool,device,bucket store,inbox,outbox,channel,ring buffer,stack} * {is ,was ,are ,}{full,exhausted,used up,overflowed,overflow,saturated,at its limit,at capacity}
      {all,every} * {connection,connections,slot,slots,worker,workers,thread,threads,handle,handles,permit,permits,buffer,buffers,client,clients,license seats,channels} * {taken,in use,busy,used,used up,occupied,checked out,blocked,exhausted}
      {slots,handles,threads,workers,connections,permits,buffers,memory,ports,descriptors} * {used up,exhausted,in use,all taken,depleted,spent}
      pool of * {used up,empty,exhausted,full}
      {memory,heap,disk,swap,cpu,storage,rss,stack} {is ,usage ,use ,usage is ,}{above,over,beyond,at,exceeds,exceeded}
      needs more {memory,disk,space,room} | {more,larger} {memory,space} than
      {recursion,nesting,stack,call stack} {is ,}{too deep,exceeded,overflow,overflowed,limit}
      {lost,dropped,discarded,evicted,rejected,shed} {for want of,for lack of,due to memory} | want of {room,memory,space}
      {memory,file size,stack,process,thread,core,open file,open files,cpu,nproc,connection,connections,cursor} limit * {reached,exceeded,hit}
      {reached,hit,exceeded} {its ,the ,}{memory,file,stack,process,thread,connection,heap,disk} limit
      {maximum,max} number of {open ,}{files,threads,processes,cursors,handles,connections,sessions,clients,watches,sockets}
      too many {open ,}{files,threads,processes,handles,cursors,connections,clients,sessions,sockets,locks,prepared statements,parts,shards,segments,scroll contexts,buckets}
      ${UNABLE} {allocate,reserve,fork,spawn a thread,start a thread,start thread,create thread,create a thread,map memory,mmap,grow,extend,enlarge}
      oom | {out of memory,oom} error | memory {exhausted,pressure,starved} | mem alloc
    `),
    without: phrases(`
      oom kill* | killed process | killed by | oomkilled | per minute | per second | per day | quota of requests | no such
      header | content length | no space before | no room for improvement | booking | reservation | seat | oom score | hotel
      field | input
    `),
    examples: [
      "all 20 connections to the database are taken",
      "volume data-2 is full, scan 9 could not be kept",
      "no memory left for report",
    ],
  },
  {
    id: "stored-data-wrong",
    class: "data_integrity",
    strength: 0.8,
    phrases: phrases(`
      {off by,differs by,deviates by,out of balance,does not balance,do not balance,does not add up,do not add up,does not tally,does not reconcile,not reconciled}
      {sum,total,balance,count,ledger,stock,books} * {does not match,do not match,differs,differ,is off,disagree,disagrees}
      {refers,points,references,belongs} to * {never,no longer,does not exist,nobody,missing,unknown,nothing} | belongs to no
      without {a ,its ,}{parent,owner,header,master,matching row} | orphan*
      {two,three,several,both,more than one} {customers,rows,records,entries,accounts,orders,users,items,articles,parcels} {share,have,with,carry,claim} {the ,one ,}{same ,}
      {inconsistent,corrupt*,damaged,garbled,mangled,tampered,falsified,implausible stored,half written,partially written,torn,bit rot,bitrot}
      {corruption,inconsistency} | integrity {check,error,violation,failure,constraint}
      {checksum,check sum,hash,digest,crc,crc32,md5,sha256,parity,fingerprint} * {mismatch,does not match,do not match,differs,wrong,invalid,incorrect,error,failed,failure,was}
      {bad,wrong,invalid,incorrect} {checksum,crc,digest,hash,magic number in file,page header,block} | reads differently
      not what was written | {bad,wrong} {file format,magic,signature trying to load} | not in gzip format
      {file,archive,zip,tar,image,backup,page,block,index,table,journal,segment,wal} * {is ,was ,}{damaged,corrupt,corrupted,truncated,incomplete,broken,unreadable,marked as crashed,malformed}
      {column,table,relation,index,sequence,view,trigger,schema,collection,field} * {is missing in,missing in the,does not exist,doesn't exist,is not there,missing from,unknown in} {table,the database,the copy,database,schema,the schema,the replica}
      {schema,migration,database version,data model} * {mismatch,out of date,missing,behind,pending,not applied,too old,differs,drift,failed,incompatible}
      {missing,lost,gap} {in the sequence,in the chain,from the chain,in the log,sequence number} | {gap,hole} in
      {negative,impossible} {stock,balance in ledger} | {null,nothing} where a value {is,was} {required,expected}
      {foreign key,not null,check,referential} {constraint,violation,integrity} | violates * constraint
      {still,is} referenced {by,from} | cannot delete or update a parent row | data {loss,is lost,lost,missing}
      {birth,death,end,start,shipping,delivery} date * {lies ,is ,}{before,after} the date
      {the same,one} {row,entry,record} twice in
    `),
    without: phrases(`
      duplicate key | unique constraint | unique violation | already exists | json | deadlock | request body | upload | password
      heap | malloc | free() | memory corruption | foreign server | pack* hash* sums | npm | lockfile | npm err
    `),
    examples: ["the ledger of acme is off by 3 cents", "two customers share the same number 8"],
  },
  {
    id: "set-up-wrong",
    class: "configuration",
    strength: 0.8,
    phrases: phrases(`
      {setting,option,variable,env var,environment variable,directive,property,flag,switch,config key,configuration key,config value,parameter,environment} * {is ,was ,has ,}{not set,missing,unset,undefined,unknown,invalid,required,not defined,not given,empty,not recognized,not recognised,not supported,not allowed here,deprecated,no value}
      {missing,invalid,unknown,undefined,bad,unset,wrong,unsupported,unrecognized,required,no} * {setting,option,environment variable,env var,env,directive,config,configuration,config key,connection string,secret,profile,region,endpoint setting,command line argument,configuration value,configuration key,configuration file,config file,config option,configuration property,log level,plugin,extension,driver,dialect,locale,charset setting,provider,backend type,adapter}
      {not,isn't,wasn't,never,is not properly,not properly,not correctly} {configured,installed,set up,enabled,compiled in,compiled with,linked,mounted,deployed,activated,on the path,in path,in the path,initialised,initialized}
      misconfigur* | config* {error,invalid,failed,problem,mistake}
      no {driver,provider,handler,plugin,interpreter,bean,factory,adapter,implementation,binding,codec,engine,dialect,service,suitable driver,qualifying bean,default,data source,datasource,storage class,ingress class,compiler,shell} {for,named,called,found,of type,registered,configured,is configured,available for}
      {program,binary,executable,command,tool,interpreter,compiler,library,module,package,plugin,driver,extension,shared object,dll,assembly,gem,crate,jar,font,locale,time zone,timezone} * {is ,was ,}{not found,missing,not installed,unavailable,not available,cannot be found,could not be found,not loaded,failed to load}
      ${UNABLE} {load,find,import,resolve,locate,open} {the ,a ,}{module,package,library,shared library,plugin,driver,class,assembly,extension,program,executable,command,bean,template engine,provider,service for type,interpreter,compiler}
      {wrong,incompatible,unsupported,mismatched,outdated,different} {version,architecture,abi,platform,release,build} {of,for,between}
      {version,abi,architecture,glibc} * {mismatch,incompatible,not supported,unsupported,conflict,too old,too new,required}
      {requires,require,needs,need} * {version,or newer,or later,or higher,node,python >,java,php,ruby,glibc,at least version}
      {built,compiled} {for,against,with} {a ,an ,}{different,other,older,newer,another,more recent}
      {address,port} * {already in use,in use,taken,occupied,already bound,already allocated}
      {port,address} {already ,}{in use,taken,bound} | bind * failed
      port * is taken by {another,an other} {program,process,application} | already {listening,bound} on
      {both,either} * {are set,must be set,is set,are given}
      {wrong,bad,unexpected,invalid} {value,line,key,entry} in * {ini,yaml,yml,conf,config,toml,env,cfg,properties,xml,line}
      in {production,staging,config,settings,application}.{yaml,yml,json,toml,properties,env}
      {unknown,unrecognized,unrecognised,invalid,illegal} {option,directive,command line option,flag,configuration setting,runtime,profile,feature flag}
      option --* {unknown,is unknown,not known,requires}
      {template,dependency,dependencies,peer dependency} * {missing,not satisfied,unmet,conflict} | not built with
      without * support | support * {is not,not} compiled
      {license,licence} * {missing,expired,invalid,not found,file,key}
    `),
    without: phrases(`
      order | customer | permission denied for | certificate verify | request parameter | query parameter | body parameter
      password authentication
    `),
    examples: ["the queue name is not set: missing option queue.name", "program pdftotext not found in PATH"],
  },
  {
    id: "cannot-be-read",
    class: "serialization",
    strength: 0.8,
    phrases: phrases(`
      ${UNABLE} {parse,decode,encode,deserialize,deserialise,serialize,serialise,unmarshal,marshal,unpack,unpickle,pickle,read as,read json,read xml,convert body,interpret,decompress,inflate,transcode}
      {parse,parsing,parser,decode,decoding,decoder,encode,encoding,deserialization,deserialisation,serialization of,unmarshalling,marshalling,unpickling,decompression} {error,failure,failed,exception,problem}
      {error,failure,failed,problem} {while ,when ,in ,during ,at ,}{parsing,decoding,encoding,deserializing,deserialising,serializing,unmarshalling,unmarshaling,reading json,reading xml,unpacking}
      unexpected {token,character,char,end of,eof,byte,symbol,element,tag,bytes,trailing,null byte,indent in yaml,field type}
      {end,tag,quote,bracket,brace} * {not closed,never closed,missing at end,unterminated}
      unterminated {string,quoted,object,array,comment in json}
      {malformed,garbled,truncated,unparseable,unparsable,unreadable,broken,mangled,undecodable,invalid,illegal,bad,ill formed} {json,xml,yaml,csv,toml,html,protobuf,avro,msgpack,cbor,message,payload,body,document,frame,packet,header,utf 8,utf8,unicode,base64,byte sequence,byte,bytes,encoding,escape,escape sequence,multibyte,surrogate,hex,data,character in,start byte,continuation byte,wire type,tag,varint,chunk,multipart,form data,content,gzip,event,line,response body}
      {is not,isn't,not,no longer} {well formed,valid json,valid xml,json,xml,utf 8,valid utf 8,utf8,valid utf8,valid yaml,parseable,decodable,a json,a protobuf,base64,valid base64,properly encoded}
      neither json nor | {outside,not in} the {ascii,latin,code page,charset,character set} | character set
      {charset,codec,encoding} * {can't,cannot,unknown,unsupported,mismatch,error} | in position | unicode{decode,encode}error
      {schema,message,format,wire,protocol,record} * {unknown to the,not known to,cannot be decoded,not understood}
      unknown {message type,schema id,wire format,record type,encoding,format version,content encoding,magic byte,event type,type id}
      {trailing,extra,leftover} {data,bytes,garbage,characters,comma,content} {after,at the end,found}
      {column,field,line,row} {count,number of fields} * {mismatch,differs,wrong} | wrong number of {fields,columns in}
      expected * {comma,colon,delimiter,quote,brace,bracket,tag,at line,but found}
      {html,doctype,<html,<!doctype} * {where json,instead of json,is not valid json,expected}
      answer * {is html,was html,no json,not json} | {circular,cyclic} structure | not {json ,}serializable
      {looks,look} like {html,a web page}
    `),
    without: phrases(`
      sql syntax | syntax error at or near | rfc1738 | uuid | jwt | module | template syntax | config file | yaml config | date
      environment | bad gateway | host key
    `),
    examples: [
      "unknown message type 14 on orders.v1",
      "answer of the tax service was HTML where JSON was expected",
      "could not decode reading of station 7: truncated frame",
    ],
  },
];
