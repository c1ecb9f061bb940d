-- Faults of a Haskell clearing service.
{-# LANGUAGE ScopedTypeVariables #-}
import Control.Concurrent
import Control.Exception
import qualified Data.ByteString.Char8 as B
import Data.Char (toUpper)
import qualified Data.Map.Strict as Map
import Data.Maybe (fromJust)
import Data.Typeable (typeOf)
import System.Directory (createDirectory, doesFileExist)
import System.Environment
import System.Exit
import System.IO
import System.IO.Error
import System.Process hiding (shell)
import System.Timeout (timeout)
import Text.Read (readEither)

data ClearingError = Duplicate String | Throttled String | NotEntitled String | Unbalanced String | Closed String | TooLate String
  | NoSuch String | BadEntry String | NoRoom String | Settings String | Unreadable String
instance Show ClearingError where
  show e = case e of
    Duplicate t -> t; Throttled t -> t; NotEntitled t -> t; Unbalanced t -> t; Closed t -> t; TooLate t -> t
    NoSuch t -> t; BadEntry t -> t; NoRoom t -> t; Settings t -> t; Unreadable t -> t
instance Exception ClearingError

data Side = Debit | Credit | Reversal deriving (Show, Read)
sign :: Side -> Int
sign Debit = -1
sign Credit = 1

shell :: String -> IO ()
shell command = do
  (code, _, err) <- readProcessWithExitCode "sh" ["-c", command] ""
  case code of
    ExitSuccess -> return ()
    ExitFailure status -> ioError (userError ("exit " ++ show status ++ ": " ++ filter (/= '\n') err))

curl :: String -> IO ()
curl arguments = shell ("curl -sS --fail " ++ arguments)

faults :: String -> String -> [(String, IO ())]
faults n dir =
  -- fault list-head: code_defect
  [ ("list-head", print (head (filter (> 9) [1 :: Int, 2])))
  -- fault nothing-unwrapped: code_defect
  , ("nothing-unwrapped", print (fromJust (Map.lookup 7 (Map.fromList [(1 :: Int, 'a')]))))
  -- fault map-absent: code_defect or not_found
  , ("map-absent", print (Map.fromList [("EUR", 1 :: Int)] Map.! "XAU"))
  -- fault pattern-incomplete: code_defect
  , ("pattern-incomplete", print (sign Reversal))
  -- fault by-zero: code_defect
  , ("by-zero", print (length n `div` (length n - length n)))
  -- fault index-beyond: code_defect
  , ("index-beyond", print ([1 :: Int, 2] !! 9))
  -- fault undefined-value: code_defect
  , ("undefined-value", print (undefined :: Int))
  -- fault not-written: code_defect
  , ("not-written", error "not implemented: netting of reversals")
  -- fault mvar-blocked: code_defect
  , ("mvar-blocked", newEmptyMVar >>= takeMVar >>= (print :: Int -> IO ()))
  -- fault invariant-broken: code_defect
  , ("invariant-broken", error "this should never happen: batch has state 7")
  -- fault assert-failed: code_defect
  , ("assert-failed", throwIO (AssertionFailed "batch total equals sum of entries"))
  -- fault read-number: invalid_input
  , ("read-number", print (read "12 kg" :: Int))
  -- fault read-side: invalid_input or serialization
  , ("read-side", either (throwIO . userError . ("side: " ++)) print (readEither "Sideways" :: Either String Side))
  -- fault iban-wrong: invalid_input
  , ("iban-wrong", throwIO (BadEntry ("entry " ++ n ++ ": iban fails its check digits")))
  -- fault timeout-negative: invalid_input
  , ("timeout-negative", throwIO (BadEntry "timeout must not be negative, got -5"))
  -- fault file-absent: not_found
  , ("file-absent", readFile ("/srv/data/rates-" ++ n ++ ".csv") >>= putStr)
  -- fault batch-unknown: not_found
  , ("batch-unknown", throwIO (NoSuch ("no batch under number " ++ n)))
  -- fault file-denied: access_denied
  , ("file-denied", readFile (dir ++ "/secret.txt") >>= putStr)
  -- fault folder-sealed: access_denied
  , ("folder-sealed", writeFile (dir ++ "/sealed/out.csv") "x")
  -- fault bank-not-entitled: access_denied
  , ("bank-not-entitled", throwIO (NotEntitled ("participant " ++ n ++ " may not clear in this currency")))
  -- fault key-rejected: access_denied
  , ("key-rejected", getEnv "LAB_HTTP" >>= \h -> curl ("http://" ++ h ++ "/status/401"))
  -- fault setting-unset: configuration
  , ("setting-unset", getEnv "CLEARING_HSM_PIN" >>= putStrLn)
  -- fault program-absent: configuration or not_found
  , ("program-absent", callProcess ("swift-sign-" ++ n) [])
  -- fault setting-text: configuration
  , ("setting-text", throwIO (Settings "cutoff.timeout: expected a number of seconds, found \"soon\" in clearing.conf"))
  -- fault decode-text: serialization
  , ("decode-text", readFile (dir ++ "/latin1.txt") >>= putStr . map toUpper)
  -- fault message-garbled: serialization
  , ("message-garbled", throwIO (Unreadable ("pacs.008 message " ++ n ++ ": expected </CdtTrf> but got </CdtTr>")))
  -- fault peer-refused: connectivity
  , ("peer-refused", getEnv "LAB_REFUSED" >>= \h -> curl ("http://" ++ h))
  -- fault peer-reset: connectivity
  , ("peer-reset", getEnv "LAB_RESET" >>= \h -> curl ("http://" ++ h))
  -- fault peer-untrusted: connectivity or configuration
  , ("peer-untrusted", getEnv "LAB_TLS" >>= \h -> curl ("https://" ++ h))
  -- fault name-unresolved: connectivity
  , ("name-unresolved", curl ("http://clearing-" ++ n ++ ".invalid/"))
  -- fault peer-stalls: timeout
  , ("peer-stalls", getEnv "LAB_HTTP" >>= \h -> curl ("-m 0.3 http://" ++ h ++ "/stall"))
  -- fault cutoff-missed: timeout
  , ("cutoff-missed", timeout 50000 (threadDelay 2000000) >>= maybe (throwIO (TooLate ("settlement " ++ n ++ " not confirmed within 50 ms"))) return)
  -- fault status-503: dependency_unavailable
  , ("status-503", getEnv "LAB_HTTP" >>= \h -> curl ("http://" ++ h ++ "/status/503"))
  -- fault central-closed: dependency_unavailable
  , ("central-closed", throwIO (Closed "the central bank's system is closed until 07:00"))
  -- fault status-429: rate_limited
  , ("status-429", getEnv "LAB_HTTP" >>= \h -> curl ("http://" ++ h ++ "/status/429"))
  -- fault lookups-spent: rate_limited
  , ("lookups-spent", throwIO (Throttled ("all " ++ n ++ " name checks of this hour are used up")))
  -- fault folder-exists: conflict
  , ("folder-exists", createDirectory dir)
  -- fault file-locked: conflict
  , ("file-locked", withFile "ledger.lock" WriteMode (\_ -> withFile "ledger.lock" WriteMode (\_ -> return ())))
  -- fault entry-twice: conflict
  , ("entry-twice", throwIO (Duplicate ("end-to-end id " ++ n ++ " was booked already")))
  -- fault batch-unbalanced: data_integrity
  , ("batch-unbalanced", throwIO (Unbalanced ("stored batch " ++ n ++ " does not balance: debit 1200, credit 1190")))
  -- fault archive-cut: data_integrity or serialization
  , ("archive-cut", shell ("gzip -t " ++ dir ++ "/cut.gz"))
  -- fault archive-crc: data_integrity
  , ("archive-crc", shell ("gzip -t " ++ dir ++ "/crc.gz"))
  -- fault disk-full: resource_exhausted
  , ("disk-full", withFile "/dev/full" WriteMode (\h -> hSetBuffering h NoBuffering >> hPutStr h "report"))
  -- fault descriptors: resource_exhausted (nofile=24)
  , ("descriptors", mapM (\_ -> openFile "/dev/null" ReadMode) [1 .. 99 :: Int] >>= mapM_ hClose)
  -- fault slots-taken: resource_exhausted
  , ("slots-taken", throwIO (NoRoom "waited 5 s for a free connection of the pool, 10 of 10 in use"))
  -- fault child-killed: crash
  , ("child-killed", callCommand "kill -SEGV $$")
  -- fault self-abort: crash
  , ("self-abort", callCommand "kill -ABRT $PPID" >> threadDelay 1000000)
  ]

main :: IO ()
main = do
  [name] <- getArgs
  mode <- getEnv "LAB_MODE"
  n <- getEnv "LAB_N"
  dir <- getEnv "LAB_DIR"
  let fault = maybe (return ()) id (lookup name (faults n dir))
  if mode == "raise" then fault else fault `catch` \(SomeException e) -> do
    let kind = takeWhile (/= ' ') (show (typeOf e))
        text = displayException e
    if mode == "wrap"
      then putStrLn ("@@type ErrorCall\n@@message batch " ++ n ++ " not cleared: " ++ text ++ "\n@@trace\nclearing: batch " ++ n ++ " not cleared: " ++ text ++ "\nCallStack (from HasCallStack):\n  error, called at app/Clearing.hs:41:9 in main:Clearing\n@@end")
      else putStrLn ("@@type " ++ kind ++ "\n@@message " ++ text ++ "\n@@trace\nclearing: " ++ text ++ "\n@@end")
