<?php
$proxy = parse_url(getenv('HTTPS_PROXY'));
$options = ['proxy_host' => $proxy['host'], 'proxy_port' => $proxy['port'], 'cache_wsdl' => WSDL_CACHE_NONE];
$client = new SoapClient('https://webservice.exacttarget.com/etframework.wsdl', $options);
$wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
$text = fn(string $name, string $value) => new SoapVar($value, XSD_STRING, null, null, $name, $wsse);
$user = [$text('Username', getenv('SFMC_USERNAME')), $text('Password', getenv('SFMC_PASSWORD'))];
$token = new SoapVar($user, SOAP_ENC_OBJECT, null, null, 'UsernameToken', $wsse);
$client->__setSoapHeaders(new SoapHeader($wsse, 'Security', new SoapVar([$token], SOAP_ENC_OBJECT)));
echo $client->GetSystemStatus(['Options' => new stdClass()])->Results->Result->SystemStatus, "\n";
