/** Encoding and decoding: JSON, XML, YAML, CSV, protobuf, Avro, character sets. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const SERIALIZATION_RULES: readonly Rule[] = [
  {
    id: "serialization-type",
    class: "serialization",
    strength: 0.92,
    types: names(`
      xml.etree.ElementTree.ParseError ElementTree.ParseError JSONDecodeError JsonParseException JsonProcessingException
      JsonMappingException MismatchedInputException UnrecognizedPropertyException InvalidFormatException
      InvalidDefinitionException JsonSyntaxException MalformedJsonException JsonException JsonReaderException
      JsonSerializationException JSONException JsonEOFException JSON::ParserError ParserError Jason.DecodeError Jason.EncodeError
      Poison.SyntaxError Protocol.UndefinedError HttpMessageNotReadableException HttpMessageConversionException
      SerializationException SerializationError DeserializationException DeserializationError InvalidProtocolBufferException
      DecodeError EncodeError UnicodeDecodeError UnicodeEncodeError UnpicklingError PicklingError NotSerializableException
      InvalidClassException StreamCorruptedException OptionalDataException AvroTypeException AvroRuntimeException
      MalformedInputException UnmappableCharacterException CharacterCodingException XmlException SAXParseException XMLSyntaxError
      ExpatError XMLStreamException UnmarshalException MarshalException JAXBException YAMLError YAMLException ScannerError
      ComposerError ScannerException Psych::SyntaxError TOMLDecodeError CSV::MalformedCSVError EmptyDataError KryoException
      MessagePackException ExtraData FormatError UnpackValueError InvalidWireTypeException json.SyntaxError
      json.UnmarshalTypeError UnmarshalTypeError serde_json::Error serde_json JsonSyntaxError DecoderFallbackException
      EncoderFallbackException binascii.Error Encoding::UndefinedConversionError Encoding::InvalidByteSequenceError
      Encoding::CompatibilityError ParquetDecodingException ArrowInvalid JsonException RecordDeserializationException
      DecodingError MessageConversionException ERR_ENCODING_INVALID_ENCODED_DATA CborError DataFormatException
      FST_ERR_CTP_INVALID_MEDIA_TYPE CodecException DecoderException EncoderException ThriftException TProtocolException
      TApplicationException CJSONError JSONError NumberParseException
    `),
    without: phrases("unexpected token 'export' | cannot use import statement"),
    examples: [{ type: "json.decoder.JSONDecodeError", message: "Expecting value: line 1 column 1 (char 0)" }],
  },
  {
    id: "json-phrase",
    class: "serialization",
    strength: 0.97,
    phrases: phrases(`
      not json serializable | circular structure to json | is not valid json | in json at | end of json input | serialize a bigint
      json parse error | failed to parse json | cannot parse json
    `),
    examples: [{ type: "TypeError", message: "Object of type Decimal is not JSON serializable" }],
  },
  {
    id: "serialization-phrase",
    class: "serialization",
    strength: 0.9,
    phrases: phrases(`
      illegal input sequence | invalid length of startup packet | invalid startup packet | unexpected token * in json
      is not valid json | not valid json | invalid json | malformed json | json parse error | json at position | in json at
      unexpected end of json input | unterminated string in json | expected property name | expecting value: line
      expecting property name enclosed | expecting ',' delimiter | unexpected character in json | could not parse json
      failed to parse json | cannot deserialize | could not deserialize | failed to deserialize | error deserializing
      deserialization | deserialize | cannot serialize | could not serialize value | failed to serialize | not json serializable
      is not serializable | not serializable | circular structure to json | cannot unmarshal | unmarshal | failed to decode
      could not decode | cannot decode | error decoding | decode error | decoding failed | codec can't decode | codec can't encode
      invalid utf 8 | invalid byte sequence | invalid start byte | invalid continuation byte | illegal byte sequence
      malformed utf | not valid utf 8 | incorrect string value | invalid character * looking for | invalid character * after
      unexpected eof | unexpected end of input | unexpected end of data | unexpected end of file | premature end of file
      premature end of | unexpected end of message | protocol message contained an invalid tag | invalid tag | wire type
      invalid wire type | truncated message | while parsing a | mapping values are not allowed | did not find expected | yaml:
      mismatched tag | xml document | xml parse | not well formed | does not match the end tag | data at the root level is invalid
      start tag | content is not allowed in prolog | parse error at | parse error on line | parse error near | parse failed
      parsing failed | failed to parse | could not parse response | unable to parse | cannot parse | unexpected character
      unexpected token | unexpected byte | expected value at line | eof while parsing | trailing characters at
      trailing characters | missing field * at line | unknown variant | invalid type: | key must be a string | invalid escape
      invalid base64 | incorrect padding | illegal base64 | unknown magic byte | schema registry
      schema being registered is incompatible | avro | msgpack | protobuf | bad encoding | wrong encoding | encoding error
      character encoding | cannot be encoded | cannot encode | number of fields | wrong number of fields | error tokenizing data
      delimiter | unclosed quoted field | illegal quoting | bare quote | header row | extra data: line | unserialize
      pickle data was truncated | invalid load key | invalid stream header | received html | <!doctype html | unexpected token '<'
      unexpected token < | not a valid hexadecimal | unrecognized field | unrecognized token | syntax error, malformed json
      unreadable | garbled | not readable as | cannot be read as | bad json
    `),
    without: phrases("unexpected token 'export' | cannot use import statement | gzip | gzipped | tar:"),
    examples: ["Unexpected token < in JSON at position 0"],
  },
  {
    id: "not-serialisable",
    class: "serialization",
    strength: 0.95,
    phrases: phrases(`
      serialization of * not {allowed,supported,possible} | {cannot,can't,could not} be {serialized,serialised,marshalled,pickled,encoded}
      {invalid,illegal} {byte sequence,multibyte string} | circular {reference,structure} | not {serializable,serialisable}
      external representation of a term | did not contain valid utf-8
    `),
    examples: ["Serialization of 'Closure' is not allowed"],
  },
];
