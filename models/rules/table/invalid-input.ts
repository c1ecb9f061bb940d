/** What callers may not send: HTTP, gRPC, validation libraries of the runtimes. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const INVALID_INPUT_RULES: readonly Rule[] = [
  {
    id: "message-larger-than-max",
    class: "invalid_input",
    strength: 0.85,
    codes: names("http:413 http:414 http:431 mysql:1153"),
    types: names(`
      RecordTooLargeException MaxUploadSizeExceededException PayloadTooLargeError MessageSizeTooLarge LIMIT_FILE_SIZE
      FileSizeLimitExceededException
    `),
    phrases: phrases(`
      received message larger than max | payload too large | request entity too large | message too large | body too large
      larger than the maximum | exceeds the maximum size | exceeds the maximum allowed | maximum upload size | file too large
      request is too large | too large body | packet bigger than | packet too large | header too large
    `),
    examples: ["client intended to send too large body: 10485761 bytes"],
  },
  {
    id: "invalid-input-code",
    class: "invalid_input",
    strength: 0.88,
    codes: names(`
      http:400 http:405 http:406 http:411 http:415 http:416 http:422 http:426 grpc:INVALID_ARGUMENT grpc:OUT_OF_RANGE sqlstate:22*
      jsonrpc:-32602 jsonrpc:-32600 errno:EDOM errno:ERANGE errno:ENAMETOOLONG smtp:5.1.3 smtp:501
    `),
    examples: [{ attributes: { "http.response.status_code": 422 }, message: "refused" }],
  },
  {
    id: "validation-type",
    class: "invalid_input",
    strength: 0.92,
    types: names(`
      ValidationError ValidationException ConstraintViolationException MethodArgumentNotValidException
      org.springframework.validation.BindException ZodError BadRequestException BadRequest BadRequestError
      UnprocessableEntityException UnprocessableEntity DateTimeParseException NumberFormatException RequestValidationError
      MissingServletRequestParameterException MethodArgumentTypeMismatchException HttpRequestMethodNotSupportedException
      HttpMediaTypeNotSupportedException ActiveRecord::RecordInvalid RecordInvalid ParameterMissing
      ActionController::ParameterMissing ValidationFailed InvalidArgument InvalidRequestException InvalidParameterException
      InvalidParameterValueException FormatException InvalidUuidStringException BadRequestKeyError DataError
      StringDataRightTruncation NumericValueOutOfRange InvalidTextRepresentation InvalidDatetimeFormat ParseIntError
      ParseFloatError ParseError Ecto.ChangesetError Ecto.InvalidChangesetError Ecto.Query.CastError BadBooleanExpressionError
      InvalidURL MissingSchema MalformedURLException URISyntaxException InvalidUrlException CastError ER_DATA_TOO_LONG
      ER_TRUNCATED_WRONG_VALUE ER_WARN_DATA_OUT_OF_RANGE ERR_INVALID_URL Date::Error InvalidValueError ValidatorError
    `),
    examples: [{ type: "pydantic.ValidationError", message: "1 validation error for Order" }],
  },
  {
    id: "validation-phrase",
    class: "invalid_input",
    strength: 0.84,
    phrases: phrases(`
      numeric field overflow | field overflow | numeric overflow | datetime field overflow | out of range for column | invalid url
      implausible | too many digits | in the wrong format | has the wrong format | validation failed | validation error
      validation errors | is not valid | is invalid | invalid input | invalid value | invalid argument | invalid parameter
      invalid request | invalid format | invalid email | invalid date | invalid uuid | invalid literal for | invalid number
      bad request | malformed request | unprocessable | unsupported media type | method not allowed | not a valid | must be a
      must be an | must be one of | must be greater than | must be less than | must be at least | must be at most
      must be positive | must be between | must be exactly | must be a number | must be a string | must not be empty
      must not be blank | must not be null | must contain | must match | must have | must be | is required | field required
      are required | required field | missing required | missing parameter | missing field | required parameter | can't be blank
      cannot be blank | cannot be empty | may not be blank | may not be empty | not be negative | value too long
      too long for {column,field,type} | is too long | is too short | too short | out of range for type | value out of range
      out of the allowed range | exceeds maximum length | data too long | data truncation | does not match pattern
      does not match the pattern | unsupported currency | unsupported value | unknown currency | unknown country | not accepted
      rejected by validation | failed validation | violates the rule | not in the correct format | was not recognized as a valid
      could not be parsed | unparsable date | cannot parse date | text * could not be parsed | for input string | no enum constant
      invalid enum | is not a member of | negative amount | negative quantity | quantity must | amount must | exceeds the limit of
      is not supported for | unexpected parameter | unknown parameter | unknown field | extra fields not permitted
      invalid syntax for type | checksum of iban | invalid iban | invalid checksum digit | invalid postal code | postal code
      not between | in the past | in the future | before start | after end | incomplete request | incomplete address
      does not conform | unacceptable | illegal argument | argument error | arithmetic overflow converting
      cannot be converted to | incorrect integer value | incorrect datetime value | incorrect decimal value | relative uri
      invalid uri | the following fields | empty basket | empty cart | no items | duplicate item in request
    `),
    without: phrases(`
      certificate | token | json | config | environment variable | setting | password | credentials | checksum mismatch | env var
      signature | undefined | must be of type
    `),
    examples: ["quantity must be greater than 0"],
  },
  {
    id: "unreadable-value",
    class: "invalid_input",
    strength: 0.95,
    phrases: phrases(`
      {cannot,can't,could not,unable to,failed to} {parse,read,understand,convert,cast} * {as,to,into} {a ,an ,}{date,time,datetime,number,integer,float,decimal,uuid,amount,address}
      failed to parse time string | invalid {float,integer,date,decimal} literal | invalid digit found in string | invalid socket address syntax
      provided string was not | requested value * was not found | either too large or too small | read: no parse | number too large to fit | is not one of the allowed | unknown unit * in duration
      has no {zip,postal,street,phone,email,country} | lies outside the accepted
    `),
    examples: ['cannot parse "2024-02-30" as date, reason: :invalid_date'],
  },
  {
    id: "illegal-argument",
    class: "invalid_input",
    strength: 0.62,
    types: names(`
      InvalidArgumentException IllegalArgumentException ArgumentException ArgumentOutOfRangeException ArgumentError ValueError
      RangeError InvalidArgumentError std::invalid_argument DomainError badarg
    `),
    without: phrases(
      "out of memory | invalid array length | maximum call stack | application environment | external representation",
    ),
    examples: [{ type: "java.lang.IllegalArgumentException", message: "Unknown size class 'XXL'" }],
    notOn: [{ type: "ValueError", message: "I/O operation on closed file.", is: "code_defect" }],
  },
];
