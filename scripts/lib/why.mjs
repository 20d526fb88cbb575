/** Why a fetching tool failed, in words for a person. The end of its own output is added where no reason is known. */
export function whyItFailed({ output, log }) {
  if (/ENOSPC|No space left|os error 28/i.test(output)) return 'the disk is full.';
  if (/EACCES|EPERM|Permission denied/i.test(output)) return `this user may not write there. Details: ${log}`;
  if (/EINTEGRITY|DO NOT MATCH THE HASHES|ERR_PNPM_TARBALL_INTEGRITY/i.test(output)) {
    return 'what the registry sent does not have the expected hash. Nothing of it was used.';
  }
  if (/\b(E404|ETARGET|No matching (distribution|version))/i.test(output) && !isOffline(output)) {
    return 'the configured registry does not have this version.';
  }
  if (isOffline(output))
    return 'the package registry can not be reached. Check the network, or the proxy settings.';
  return `it ended with:\n${output.trim().split('\n').slice(-12).join('\n')}\nThe whole output is in ${log}`;
}

function isOffline(output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|name resolution|NewConnectionError|Connection refused|dns error|error sending request|META_FETCH_FAIL|tunneling socket/i.test(
    output,
  );
}
