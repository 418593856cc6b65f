tenant="https://$SFMC_TENANT"
token=$(curl -sS "$tenant.auth.marketingcloudapis.com/v2/token" -d grant_type=client_credentials \
  -d "client_id=$SFMC_CLIENT_ID" -d "client_secret=$SFMC_CLIENT_SECRET" | cut -d '"' -f 4)
curl -sS "$tenant.soap.marketingcloudapis.com/Service.asmx" -H 'SOAPAction: Create' -H 'Content-Type: text/xml' -d "
<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>
<s:Header><fueloauth xmlns='http://exacttarget.com'>$token</fueloauth></s:Header><s:Body>
<CreateRequest xmlns='http://exacttarget.com/wsdl/partnerAPI'><Options/><Objects i:type='TriggeredSend'>
<TriggeredSendDefinition><CustomerKey>welcome</CustomerKey></TriggeredSendDefinition>
<Subscribers><SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress></Subscribers>
</Objects></CreateRequest></s:Body></s:Envelope>"
