<?php
function post(string $url, string $body, array $headers): string {
    $curl = curl_init($url);
    curl_setopt_array($curl, [CURLOPT_POSTFIELDS => $body, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true]);
    return curl_exec($curl) ?: throw new Exception(curl_error($curl));
}

$asked = ['grant_type' => 'client_credentials', 'client_id' => getenv('SFMC_CLIENT_ID'), 'client_secret' => getenv('SFMC_CLIENT_SECRET')];
$auth = 'https://' . getenv('SFMC_TENANT') . '.auth.marketingcloudapis.com/v2/token';
$token = json_decode(post($auth, json_encode($asked), ['Content-Type: application/json']));
$retrieve = <<<XML
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
<fueloauth xmlns="http://exacttarget.com">{$token->access_token}</fueloauth></s:Header><s:Body>
<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest>
<ObjectType>TriggeredSendDefinition</ObjectType><Properties>CustomerKey</Properties>
</RetrieveRequest></RetrieveRequestMsg></s:Body></s:Envelope>
XML;
$answer = post($token->soap_instance_url . 'Service.asmx', $retrieve, ['Content-Type: text/xml', 'SOAPAction: "Retrieve"']);
preg_match('!<CustomerKey>(.*?)</CustomerKey>!', $answer, $found);
echo $found[1], "\n";
